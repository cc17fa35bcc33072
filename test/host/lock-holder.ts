import type { DongleError } from '../../src/errors.ts';
import { holdDongle } from '../../src/host/runtime-lock.ts';

// Holds a dongle, says so, and lives as long as its standard input is open. Argument: the serial.

try {
  await holdDongle(process.argv[2] as string);
  process.stdout.write('held\n');
  process.stdin.resume();
} catch (error) {
  const { code, message } = error as DongleError;
  process.stdout.write(`${code} ${message}\n`);
}
