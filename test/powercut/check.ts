import { createRandom } from '../support/seed.ts';
import { type Course, keepTorn, pickCourse, runCourse } from './course.ts';
import { bootArbitrary, flipEveryBit } from './images.ts';
import { cutEverywhere, cutTwice } from './power-cuts.ts';
import { type Counts, EnoughError, Tally } from './tally.ts';
import type { Workload } from './workload.ts';

/** How much is tried. */
export interface Plan {
  readonly workloads: readonly Workload[];
  readonly doubleCuts: number;
  /** Images made at random. */
  readonly images: number;
  /** Images of which every bit is flipped. */
  readonly flippedImages: number;
}

export interface Report {
  /** Of `lost`, `half` and `regressed`, there must be none. */
  readonly counts: Counts;
  /** The first breaches, in words. */
  readonly breaches: readonly string[];
}

/** Is told what comes next. */
type Tell = (what: string) => void;

/** The largest image of which every bit is flipped. */
const mostFlippedBytes = 8_192;

/** Cuts the power at every single operation of the workloads, and at random twice, and boots images
 * that no store has left; until all is done, or so much is lost that the rest does not matter. */
export function checkPowerCuts(plan: Plan, seed: number, tell: Tell): Report {
  const tally = new Tally();
  // Nobody reads the stacks of so many power cuts, and they take time.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    tryAll(plan, seed, tally, tell);
  } catch (error) {
    if (!(error instanceof EnoughError)) throw error;
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
  return { counts: tally.counts, breaches: tally.breaches };
}

/** Whether a report says that all is well. */
export function isClean({ counts }: Report): boolean {
  return counts.lost + counts.half + counts.regressed === 0;
}

function tryAll(plan: Plan, seed: number, tally: Tally, tell: Tell): void {
  const random = createRandom(seed);
  const courses: Course[] = [];
  for (const workload of plan.workloads) {
    const where = () => `${workload.name}, without a cut`;
    const course = tally.attempt(where, () => runCourse(workload, seed));
    if (course === undefined) continue;
    courses.push(course);
    const { moments, laps } = course.timeline;
    const operations = moments.reduce((sum, moment) => sum + moment.operations, 0);
    tell(`${workload.name}: a cut in each of ${operations} operations, ${laps} times round`);
    cutEverywhere(course.timeline, tally);
  }
  if (courses.length === 0) return;

  tell(`${plan.doubleCuts} times a second cut, soon after the first`);
  while (tally.counts.doubleCuts < plan.doubleCuts) {
    const course = pickCourse(courses, random);
    const torn = cutTwice(course.timeline, tally, random);
    if (torn !== undefined) keepTorn(course, torn, random);
  }
  tell(`${plan.images} images made at random`);
  for (let i = 0; i < plan.images; i++) {
    bootArbitrary(pickCourse(courses, random).images, tally, random);
  }
  tell(`every bit of ${plan.flippedImages} images`);
  const small = courses.filter(({ images }) => images.every(isSmall));
  for (let i = 0; i < plan.flippedImages && small.length > 0; i++) {
    flipEveryBit(random.pick(pickCourse(small, random).images), tally, random);
  }
}

function isSmall({ image }: { readonly image: Uint8Array }): boolean {
  return image.length <= mostFlippedBytes;
}
