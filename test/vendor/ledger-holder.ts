// A program that has the ledger in the given folder until it is killed.

import { Ledger } from '../../src/vendor/ledger.ts';

await Ledger.open(process.argv[2] as string);
process.stdout.write('held\n');
setInterval(() => {}, 60_000);
