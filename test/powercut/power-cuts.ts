import type { Random } from '../support/seed.ts';
import type { KnownImage } from './images.ts';
import { BreachError } from './oracle.ts';
import type { Tally } from './tally.ts';
import { tearPatterns } from './tear-patterns.ts';
import type { Moment, Timeline } from './timeline.ts';
import { bootCleanly, type Resumption, type TrialEnd, trial } from './trial.ts';

/** Steps that follow a cut, before the dongle boots for the last time. */
const furtherSteps = 2;

const patternNames = Object.keys(tearPatterns);
const resumptions: readonly Resumption[] = ['again', 'next'];

/** Cuts the power in every program and erase of a workload, with every pattern. */
export function cutEverywhere(timeline: Timeline, tally: Tally): void {
  for (const moment of timeline.moments) {
    const isSound = tally.attempt(
      () => `${timeline.workload.name}, boot before step ${moment.at}`,
      () => {
        bootCleanly(timeline, moment);
        return true;
      },
    );
    if (!isSound) continue;
    for (let operation = 1; operation <= moment.operations; operation++) {
      for (const [i, name] of patternNames.entries()) {
        tally.count('cuts');
        const resumption = resumptions[(operation + i) % 2] as Resumption;
        const where = () => placeOf(timeline, moment, [[operation, name]], resumption);
        tally.attempt(where, () => {
          if (cutAt(timeline, moment, [[operation, name]], resumption).cuts !== 1) {
            throw new BreachError('lost', 'the step does less after a boot than without');
          }
        });
      }
    }
  }
}

/**
 * Cuts the power at random, and again, once or more often, in the recovery or the commits after it.
 * Gives what the flash held after the last cut.
 */
export function cutTwice(timeline: Timeline, tally: Tally, random: Random): KnownImage | undefined {
  const moment = random.pick(timeline.moments.filter(({ operations }) => operations > 0));
  const cuts: PlannedCut[] = [[1 + random.below(moment.operations), random.pick(patternNames)]];
  for (let more = random.pick([1, 1, 1, 1, 1, 1, 2, 5]); more > 0; more--) {
    // Most recoveries have one to four operations.
    cuts.push([1 + random.below(random.pick([2, 5, 8])), random.pick(patternNames)]);
  }
  const resumption = random.pick(resumptions);
  const name = placeOf(timeline, moment, cuts, resumption);
  const end = tally.attempt(
    () => name,
    () => cutAt(timeline, moment, cuts, resumption),
  );
  // Where the workload ended before the second one, it was one cut.
  if (end === undefined || end.cuts > 1) tally.count('doubleCuts');
  if (end === undefined) return undefined;
  const { geometry } = timeline.workload;
  return { name, geometry, image: end.torn, oracle: end.oracle };
}

type PlannedCut = readonly [operation: number, pattern: string];

function cutAt(
  timeline: Timeline,
  moment: Moment,
  cuts: readonly PlannedCut[],
  resumption: Resumption,
): TrialEnd {
  const torn = cuts.map(([operation, name]) => ({ operation, pattern: tearPatterns[name]! }));
  return trial(timeline, moment, torn, furtherSteps, resumption);
}

function placeOf(
  { workload }: Timeline,
  { at }: Moment,
  cuts: readonly PlannedCut[],
  resumption: Resumption,
): string {
  const where = cuts
    .map(([operation, pattern]) => `operation ${operation} (${pattern})`)
    .join(', ');
  return `${workload.name}, step ${at}, cut in ${where}, then ${resumption}`;
}
