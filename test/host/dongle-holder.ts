import { suite } from '#crypto';
import { fromHex } from '../../src/bytes.ts';
import type { DongleError } from '../../src/errors.ts';
import { holdDongle } from '../../src/host/hold-dongle.ts';
import { visitor } from './visitor.ts';

// Holds a dongle, says so, and lives as long as its standard input is open. Arguments: the serial,
// the runtime's private key, and what it invites with, if anything; `turn` never ends its turn.

const [serial, key, invites] = process.argv.slice(2) as [string, string, string | undefined];
try {
  const invitation =
    invites === 'invite'
      ? { instance: new Uint8Array(16).fill(7), invitation: new Uint8Array(16).fill(8) }
      : undefined;
  const parts = invites === 'turn' ? { decided: new Promise(() => {}) } : {};
  await holdDongle(serial, await suite.importDhKey(fromHex(key)), visitor(invitation, parts));
  process.stdout.write('held\n');
  process.stdin.resume();
} catch (error) {
  const { code, message } = error as DongleError;
  process.stdout.write(`${code} ${message}\n`);
}
