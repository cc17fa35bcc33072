import { smallFlash } from '../../src/emulator/board/flash.ts';
import type { Plan } from './check.ts';
import { storeWorkload } from './store-workload.ts';

/** The least that a store can live on; there is one page to spare when it is full. */
const tiny = { pageBytes: 256, pageCount: 4 };

/** `npm run test:powercut`. Small pages make everything that happens between pages frequent. */
export const fullPlan: Plan = {
  workloads: [
    storeWorkload('3 pages of 256 bytes', tiny, { steps: 180, share: 4, unitBytes: 4, areas: 2 }),
    storeWorkload(
      '13 pages of 256 bytes',
      { pageBytes: 256, pageCount: 14 },
      { steps: 180, share: 4, unitBytes: 16, areas: 6 },
    ),
    storeWorkload(
      '9 pages of 512 bytes',
      { pageBytes: 512, pageCount: 10 },
      { steps: 180, share: 4, unitBytes: 24, areas: 6 },
    ),
    storeWorkload('the small flash', smallFlash, {
      steps: 108,
      share: 0.25,
      unitBytes: 200,
      areas: 24,
    }),
  ],
  doubleCuts: 200_000,
  images: 100_000,
  flippedImages: 8,
};

/** The same in little, for every run of the tests. */
export const shortPlan: Plan = {
  workloads: [
    storeWorkload('3 pages of 256 bytes', tiny, { steps: 54, share: 2, unitBytes: 4, areas: 2 }),
    storeWorkload(
      '9 pages of 256 bytes',
      { pageBytes: 256, pageCount: 10 },
      { steps: 72, share: 1, unitBytes: 12, areas: 6 },
    ),
  ],
  doubleCuts: 2_000,
  images: 2_000,
  flippedImages: 1,
};

/** Enough to catch a planted fault: some show in certain flipped bits alone. */
export const faultPlan: Plan = { ...shortPlan, doubleCuts: 500, images: 500, flippedImages: 4 };
