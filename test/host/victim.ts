import { openRuntime } from '../../src/node.ts';
import { hold } from './visitor.ts';

// A service that is killed at some moment. Arguments: its folder, a serial, and the count of its
// last ticket. It tells its key, and each count once that is kept.

const [folder, serial, last] = process.argv.slice(2) as [string, string, string];

function ticketOf(count: number): Uint8Array {
  const ticket = new Uint8Array(16).fill(count & 0xff);
  new DataView(ticket.buffer).setUint32(0, count);
  return ticket;
}

const runtime = await openRuntime({ folder });
process.stdout.write(`key ${Buffer.from(runtime.key.publicKey).toString('hex')}\n`);
await hold(serial, runtime.key);
for (let count = Number(last) + 1; ; count++) {
  await runtime.keepTicket(serial, ticketOf(count));
  process.stdout.write(`${count}\n`);
}
