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

/** A rate of ours as a share of what the link can carry, in virtual time: one run tells it. */
export interface Share {
  readonly name: string;
  readonly against: 'capacity';
  readonly unit: 'kB/s';
  readonly atLeastRatio: number;
  /** In `unit`. */
  readonly capacity: number;
  measure(): Promise<number>;
}

/** What a simulation comes to: one run tells it, and there is nothing to compare with. */
export type Simulation = {
  readonly name: string;
  readonly unit: '×' | 'years';
  simulate(): number;
} & ({ readonly atMost: number } | { readonly atLeast: number });

export type Figure = Comparison | Measurement | Share | Simulation;

/** A figure with its result. */
export interface Reading {
  readonly name: string;
  /** `none` when there is nothing to compare with. */
  readonly against: string;
  /** Our median, in `unit`. */
  readonly value: number;
  readonly unit: 'µs' | 'ms' | 'kB/s' | '×' | 'years';
  /** The other's median, or the link's capacity, in `unit`. */
  readonly other?: number;
  /** Our time or rate over the other's, the median; null when there is no other. */
  readonly ratio: number | null;
  /** The target in words, and whether it is met. */
  readonly target: string;
  readonly met: boolean;
}
