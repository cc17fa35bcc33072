import { advancedBeginnings, beginnings } from './beginnings.ts';
import { search } from './search.ts';

// Searches to the depth given, and prints the result as JSON. The tests of rules taken out bundle
// this program with one of them missing.

const from = [...beginnings, ...advancedBeginnings];
process.stdout.write(JSON.stringify(search({ depth: Number(process.argv[2]), from })));
