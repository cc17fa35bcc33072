import cluster from 'node:cluster';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { suite } from '#crypto';
import { holdDongle } from '../../src/host/hold-dongle.ts';
import { promised } from '../support/promised.ts';
import { visitor } from './visitor.ts';

// Three workers of a cluster come to a dongle at the same time; tells how many were invited by
// another. Argument: the serial.

const invitation = { instance: new Uint8Array(16), invitation: new Uint8Array(16) };

if (cluster.isPrimary) {
  const workers = Array.from({ length: 3 }, () => cluster.fork());
  const said = await Promise.all(workers.map((worker) => once(worker, 'message')));
  process.send?.(said.filter(([invited]) => invited).length);
} else {
  const key = await suite.importDhKey(new Uint8Array(32).fill(0xa1));
  let given: typeof invitation | undefined;
  const decided = promised();
  const parts = visitor(undefined, { decided: decided.promise, invite: async () => given });
  const held = await holdDongle(process.argv[2] as string, key, parts);
  await delay(300);
  given = invitation;
  decided.keep();
  process.send?.(held.invitation !== undefined);
  setInterval(() => {}, 1000);
}
