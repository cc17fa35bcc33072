import { floorHandshakes } from '../floors/key-operations.ts';
import type { Comparison } from '../harness/figure.ts';
import { handshakes } from '../ours/handshake.ts';
import { libp2pHandshakes } from '../peers/libp2p-noise.ts';

/** Noise XX, both sides in one process. */
export const handshakeComparisons: readonly Comparison[] = [
  {
    name: 'handshake',
    against: 'floor',
    atMostRatio: 1.45,
    prepare: async () => ({ ours: { run: await handshakes() }, other: { run: floorHandshakes() } }),
  },
  {
    name: 'handshake',
    against: 'libp2p-noise',
    atMostRatio: 1 / 8,
    prepare: async () => ({
      ours: { run: await handshakes() },
      other: { run: await libp2pHandshakes() },
    }),
  },
];
