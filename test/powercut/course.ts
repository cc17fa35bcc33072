import type { Random } from '../support/seed.ts';
import type { KnownImage } from './images.ts';
import { record, type Timeline } from './timeline.ts';
import type { Workload } from './workload.ts';

/** A workload that has been done, and images of its flash. */
export interface Course {
  readonly timeline: Timeline;
  /** Before each step, and then some that power cuts have left. */
  readonly images: KnownImage[];
}

/** Images that power cuts have left, at most. */
const mostTorn = 500;

export function runCourse(workload: Workload, seed: number): Course {
  const timeline = record(workload, seed);
  const { name, geometry } = workload;
  const images = timeline.moments.map(({ at, image, oracle }) => ({
    name: `${name}, step ${at}`,
    geometry,
    image,
    oracle,
  }));
  return { timeline, images };
}

/** Keeps an image that a power cut has left, in place of another one when there are many. */
export function keepTorn({ timeline, images }: Course, torn: KnownImage, random: Random): void {
  const first = timeline.moments.length;
  images[first + random.below(Math.min(images.length - first + 1, mostTorn))] = torn;
}

/** One of the courses, by the shares of their workloads. */
export function pickCourse(courses: readonly Course[], random: Random): Course {
  const shares = courses.map(({ timeline }) => timeline.workload.share);
  let at = random.float() * shares.reduce((sum, share) => sum + share, 0);
  const chosen = courses.find((_, i) => {
    at -= shares[i] as number;
    return at < 0;
  });
  return chosen ?? (courses[0] as Course);
}
