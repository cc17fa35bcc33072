import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { FaceName } from '../../../src/link.ts';
import { connect, type DongleError } from '../../../src/node.ts';
import { trustEmulated } from './trust.ts';

// Another program on the same machine. Arguments: what it does, and on what.

const [deed, what] = process.argv.slice(2);

/** Tries to connect, and tells the code and the words of the error. */
async function tryToConnect(face: FaceName): Promise<void> {
  try {
    const dongle = await connect({ trust: await trustEmulated(), face, serial: 'LK-1' });
    await dongle.close();
    process.send?.({});
  } catch (error) {
    const { code, message } = error as DongleError;
    process.send?.({ code, message });
  }
}

/** Uses the dongle until it is killed. */
async function use(face: FaceName): Promise<void> {
  const dongle = await connect({ trust: await trustEmulated(), face, serial: 'LK-1' });
  process.send?.('connected');
  for (;;) await dongle.echo(new Uint8Array(100));
}

/** Takes a seat until it is told to give it back. */
async function sit(face: FaceName): Promise<void> {
  await using dongle = await connect({ trust: await trustEmulated(), face, serial: 'LK-1' });
  await using seat = await dongle.licenses.take({ application: 200 });
  process.send?.({ epoch: dongle.epoch });
  await new Promise((resolve) => process.once('message', resolve));
  process.send?.({ held: seat.held });
}

/** Keeps the vendor interface until it is told to end. */
async function claim(): Promise<void> {
  const dongle = await connect({ trust: await trustEmulated(), face: 'vendor', serial: 'LK-1' });
  process.send?.('claimed');
  await new Promise((resolve) => process.once('message', resolve));
  await dongle.close();
}

/** Listens on hidraw, and answers each packet of the dongle with one of its own on that channel. */
async function disturb(path: string): Promise<void> {
  const file = openSync(path, 'r+');
  process.send?.('open');
  const heard: string[] = [];
  // Blocking reads: another thread of Node would have to be ended with a signal.
  for (let i = 0; i < 12; i++) {
    const packet = new Uint8Array(64);
    readSync(file, packet);
    heard.push(Buffer.from(packet).toString('hex'));
    const [a = 0, b = 0, c = 0, d = 0] = packet;
    const forged = new Uint8Array(65);
    // A record of 32 bytes that nobody has sealed.
    forged.set([0, a, b, c, d, 0xe0 + (i % 32), 0, 32]);
    if (i % 3 === 0) writeSync(file, forged);
  }
  closeSync(file);
  process.send?.({ heard });
  await delay(0);
}

if (deed === 'connect') await tryToConnect(what as FaceName);
else if (deed === 'claim') await claim();
else if (deed === 'sit') await sit(what as FaceName);
else if (deed === 'use') await use(what as FaceName);
else await disturb(what as string);
process.disconnect?.();
