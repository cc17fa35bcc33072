import type { Comparison } from '../harness/figure.ts';
import { connects, invitedConnects } from '../ours/dongle.ts';

/** A `connect()` that binds, with all that is written to flash for it, beside one that does not. */
export const bindComparisons: readonly Comparison[] = [
  {
    name: 'bind',
    against: 'handshake',
    atMostRatio: 1.25,
    prepare: async () => ({ ours: await connects(), other: await invitedConnects() }),
  },
];
