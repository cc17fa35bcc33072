import type { Simulation } from '../harness/figure.ts';
import { live } from '../ours/store-day.ts';

/** Erases that a page of the usual chips is good for. */
const enduranceErases = 10_000;

/** So long that one erase more or less is a third of a percent. */
const days = 365;

/** What the store does to the flash, on working days in the worst case. */
export const wearSimulations: readonly Simulation[] = [
  {
    name: 'write-amplification',
    unit: '×',
    atMost: 2,
    simulate() {
      const { ownBytes, wear } = live(days);
      return wear.programmedBytes / ownBytes;
    },
  },
  {
    name: 'wear-years',
    unit: 'years',
    atLeast: 20,
    simulate() {
      const erasesPerDay = Math.max(...live(days).wear.erases) / days;
      return enduranceErases / erasesPerDay / 365.25;
    },
  },
];
