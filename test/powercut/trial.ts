import { MemoryFlash } from '../../src/emulator/board/flash.ts';
import { PowerCut, type TearPattern, TornFlash } from '../../src/emulator/board/torn-flash.ts';
import { Store } from '../../src/emulator/firmware/store/store.ts';
import { BreachError, type Oracle } from './oracle.ts';
import type { Moment, Timeline } from './timeline.ts';

/** A power cut to come. */
export interface Cut {
  /** In which program or erase from when the power comes on: 1 is the next. */
  readonly operation: number;
  readonly pattern: TearPattern;
}

/** What is done after a cut that kept a step from happening: the step again, or the one after it. */
export type Resumption = 'again' | 'next';

/** What a trial has found. */
export interface TrialEnd {
  /** How many of the cuts have come. */
  readonly cuts: number;
  /** What the flash held after the last of them, and what is known of it. */
  readonly torn: Uint8Array;
  readonly oracle: Oracle;
}

/**
 * Boots at a moment of the workload, where there was no cut.
 *
 * @throws BreachError
 */
export function bootCleanly({ workload }: Timeline, moment: Moment): void {
  const flash = new TornFlash(new MemoryFlash(workload.geometry, { image: moment.image }));
  moment.oracle.searchSecrets(flash);
  moment.oracle.copy().judge(boot(flash));
  if (flash.operations > 0) throw new BreachError('lost', 'it writes when there is nothing to do');
}

/**
 * Goes on from a moment of the workload, with cuts: the first is counted from the step that begins
 * there, each other one from when the power is on again. After each the dongle boots, the oracle
 * compares, and the workload goes on; so it does for `furtherSteps` after the last, and then the
 * dongle boots once more.
 *
 * @throws BreachError
 */
export function trial(
  { workload, steps }: Timeline,
  moment: Moment,
  cuts: readonly Cut[],
  furtherSteps: number,
  resumption: Resumption,
): TrialEnd {
  const memory = new MemoryFlash(workload.geometry, {
    image: moment.image,
    enduranceErases: Number.POSITIVE_INFINITY,
  });
  const flash = new TornFlash(memory);
  const oracle = moment.oracle.copy();
  let torn = moment.image;
  let tornOracle = oracle;
  let done = 0;
  let next = moment.at;
  let last = next + furtherSteps;

  let store = boot(flash);
  arm();
  let isUp = true;
  while (next < Math.min(last, steps.length)) {
    try {
      if (!isUp) {
        store = boot(flash);
        isUp = true;
        if (oracle.judge(store) === 'after' || resumption === 'next') next++;
        oracle.searchSecrets(memory);
        continue;
      }
      steps[next]?.(oracle.watch(store));
      next++;
    } catch (error) {
      if (!(error instanceof PowerCut)) throw error;
      torn = memory.read(0, moment.image.length);
      tornOracle = oracle.copy();
      isUp = false;
      done++;
      last = next + furtherSteps;
      flash.powerOn();
      arm();
    }
  }
  flash.powerOn();
  oracle.judge(boot(flash));
  return { cuts: done, torn, oracle: tornOracle };

  function arm() {
    const cut = cuts[done];
    if (cut !== undefined) flash.cutAt(cut.operation, cut.pattern);
  }
}

/** @throws BreachError where it is refused: then everything is lost */
function boot(flash: TornFlash): Store {
  const opened = Store.open(flash);
  if (!opened.ok) throw new BreachError('lost', `the boot is refused: ${opened.detail}`);
  return opened.value;
}
