import { expect, test } from 'vitest';
import { live } from '../../../bench/ours/store-day.ts';

// The targets of the benchmark's figures of the same names.

test('a commit writes at most twice its own bytes on average, and the flash lasts 20 years', () => {
  const { days, ownBytes, wear } = live(40);
  expect(wear.programmedBytes / ownBytes).toBeLessThan(2);
  expect((Math.max(...wear.erases) / days) * 20 * 366).toBeLessThan(10_000);
  // It has been round the ring, so that copying is counted.
  expect(Math.min(...wear.erases.slice(1))).toBeGreaterThan(30);
});
