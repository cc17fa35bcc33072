import { poolSignatures } from '../floors/rsa.ts';
import type { Comparison } from '../harness/figure.ts';
import { rsaSignatures } from '../ours/dongle.ts';

/** RSA-2048 signatures through the whole stack, beside those of Node's thread pool without it. */
export const rsaComparisons: readonly Comparison[] = [
  {
    name: 'rsa-2048-sign',
    against: 'crypto.sign',
    atMostRatio: 1.3,
    prepare: async () => ({ ours: await rsaSignatures(1), other: poolSignatures(1) }),
  },
  {
    // Three quarters of the thread pool's rate.
    name: 'rsa-2048-sign-4',
    against: 'crypto.sign',
    atMostRatio: 4 / 3,
    prepare: async () => ({ ours: await rsaSignatures(4), other: poolSignatures(4) }),
  },
];
