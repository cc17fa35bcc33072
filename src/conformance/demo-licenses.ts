import { suite } from '#crypto';
import { utf8 } from '../bytes.ts';
import type { License } from '../protocol/licenses/index.ts';
import { patternBytes } from './values.ts';

/** When the cases about licenses happen: 2026-01-01 00:00 UTC. */
export const caseTime = 1_767_225_600;

/** The vendor of the licenses. */
export const demoVendor = 1;

/** The access code of the hidden data. */
export const hiddenCode = { bytes: 16, seed: 5 } as const;

const secret = suite.sha256(utf8('latchkey TEST license'));

/**
 * The licenses that a device must have for the cases about licenses, all of vendor 1 and never used.
 * The time it takes it to be is not known to it, or before `caseTime`.
 */
export const demoLicenses: readonly License[] = [
  { product: 1, text: 'Three runs', units: 3, features: 0b101, secret },
  { product: 2, expiry: caseTime },
  { product: 3, activation: caseTime + 3600 },
  { product: 4, usagePeriod: 60 },
  { product: 5, machine: [] },
  { product: 6, machine: [new Uint8Array(8)] },
  { product: 7, quantity: 1 },
  { product: 8, maintenance: { from: 1000, until: 2000 } },
  { product: 9, checkpoint: { until: caseTime + 2 * 86_400, thresholdDays: 3 } },
  {
    product: 10,
    protectedData: utf8('protected'),
    hidden: { code: patternBytes(hiddenCode.bytes, hiddenCode.seed), data: utf8('hidden') },
  },
];

/** The license table that it must have. */
export const demoSeats = [
  { application: 200, seats: 1 },
  { application: 201, seats: 0 },
  { application: 202, seats: 255 },
] as const;
