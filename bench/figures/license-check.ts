import type { Comparison } from '../harness/figure.ts';
import { echoes, licenseChecks } from '../ours/dongle.ts';

/** A license asked whether it is valid now, beside an echo of 32 bytes: the same way there and back. */
export const licenseComparisons: readonly Comparison[] = [
  {
    name: 'license-check',
    against: 'echo',
    atMostRatio: 1.2,
    prepare: async () => ({
      ours: { run: await licenseChecks() },
      other: { run: await echoes(32) },
    }),
  },
];
