import { floorConnects } from '../floors/key-operations.ts';
import type { Comparison } from '../harness/figure.ts';
import { connects } from '../ours/dongle.ts';

/** `connect()` to an emulated dongle in this process. */
export const connectComparisons: readonly Comparison[] = [
  {
    name: 'connect',
    against: 'floor',
    atMostRatio: 1.45,
    prepare: async () => ({ ours: await connects(), other: { run: floorConnects() } }),
  },
];
