import type { Side } from './measure.ts';

/** Something of ours measured beside the same done by another. */
export interface Comparison {
  readonly name: string;
  readonly against: string;
  /** The highest ratio, our time over the other's, that is good enough. */
  readonly atMostRatio: number;
  /** Sets both sides up, in the process that measures them and in no other. */
  prepare(): Promise<{ readonly ours: Side; readonly other: Side }>;
}

/** Something of ours measured by itself. */
export interface Measurement {
  readonly name: string;
  readonly unit: 'ms';
  readonly atMost: number;
  /** The median of at least as many samples. */
  measure(samples: number): Promise<number>;
}

export type Figure = Comparison | Measurement;

/** A figure with its result. */
export interface Reading {
  readonly name: string;
  /** `none` when there is nothing to compare with. */
  readonly against: string;
  /** Our median, in `unit`. */
  readonly value: number;
  readonly unit: 'µs' | 'ms';
  /** The other's median, in `unit`. */
  readonly other?: number;
  /** The median of our time over the other's; null when there is none. */
  readonly ratio: number | null;
  /** The target in words, and whether it is met. */
  readonly target: string;
  readonly met: boolean;
}
