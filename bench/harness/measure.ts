import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { median } from './median.ts';

/** One of two ways to do a thing. */
export interface Side {
  /** Does it `count` times. The result only keeps the work from being optimised away. */
  run(count: number): unknown;
  /** Tidies up after a slice; not timed. */
  settle?(): Promise<void>;
  /** Most repetitions in one slice; as many as fill it unless given. */
  readonly mostPerSlice?: number;
}

/** Times of one round, in microseconds for one operation. */
export interface Round {
  readonly oursUs: number;
  readonly otherUs: number;
}

const shortestSliceUs = 5_000;
/** V8 takes some thousand calls to settle on its code; what is native is quick at once. */
const warmUpMs = 2_000;

/**
 * Measures two sides in small slices that alternate, so that a round compares what ran within a few
 * milliseconds: what disturbs the machine for longer hits both sides and cancels out in the ratio,
 * and what is shorter moves single rounds, which a median drops. The side that begins changes with
 * each round.
 */
export async function duel(ours: Side, other: Side, rounds: number): Promise<Round[]> {
  // Before the code gets hot: a full collection takes with it what V8 has optimised for types of
  // which no object lives at that moment.
  collectAll();
  const oursEachUs = await warmUp(ours);
  const otherEachUs = await warmUp(other);
  // Equally long slices: a busy machine would interrupt the longer ones alone.
  const sliceUs = Math.max(shortestSliceUs, oursEachUs, otherEachUs);
  const oursCount = countFor(ours, oursEachUs, sliceUs);
  const otherCount = countFor(other, otherEachUs, sliceUs);
  const results: Round[] = [];
  for (let round = 0; round < rounds; round++) {
    if (round % 2 === 0) {
      const oursUs = await slice(ours, oursCount);
      results.push({ oursUs, otherUs: await slice(other, otherCount) });
    } else {
      const otherUs = await slice(other, otherCount);
      results.push({ oursUs: await slice(ours, oursCount), otherUs });
    }
  }
  return results;
}

/** Runs until the code is hot; returns how many microseconds one repetition takes then. */
async function warmUp(side: Side): Promise<number> {
  const end = performance.now() + warmUpMs;
  const eachUs: number[] = [];
  let count = 1;
  while (performance.now() < end) {
    eachUs.push(await slice(side, count));
    count = Math.min(count * 4, countFor(side, eachUs.at(-1) ?? 0, shortestSliceUs));
  }
  return median(eachUs.slice(-9));
}

/** How many repetitions fill a slice. */
function countFor(side: Side, eachUs: number, sliceUs: number): number {
  const fitting = Math.max(1, Math.round(sliceUs / Math.max(eachUs, 0.001)));
  return Math.min(fitting, side.mostPerSlice ?? fitting);
}

/**
 * Microseconds for one repetition. Garbage is collected when V8 sees fit, and whoever makes it pays
 * for it on average: a forced collection would take it out of the slice, and leave cold memory.
 */
async function slice(side: Side, count: number): Promise<number> {
  const startedAt = performance.now();
  const pending = side.run(count);
  if (pending instanceof Promise) await pending;
  const usEach = ((performance.now() - startedAt) * 1_000) / count;
  await side.settle?.();
  return usEach;
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const collectAll = () => collect();
