import { floorRecords } from '../floors/records.ts';
import type { Comparison } from '../harness/figure.ts';
import { records } from '../ours/records.ts';

/** A record of the channel sealed and opened. */
function recordFigure(name: string, plaintextBytes: number, atMostRatio: number): Comparison {
  return {
    name,
    against: 'floor',
    atMostRatio,
    prepare: async () => ({
      ours: { run: records(plaintextBytes) },
      other: { run: floorRecords(plaintextBytes) },
    }),
  };
}

export const recordComparisons: readonly Comparison[] = [
  recordFigure('record-64', 64, 1.25),
  recordFigure('record-1k', 1_024, 1.1),
  // The largest plaintext of a record in 64-byte packets.
  recordFigure('record-7k', 7_593, 1.1),
];
