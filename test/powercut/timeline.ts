import { type Flash, MemoryFlash } from '../../src/emulator/board/flash.ts';
import { TornFlash } from '../../src/emulator/board/torn-flash.ts';
import { Store } from '../../src/emulator/firmware/store/store.ts';
import { createRandom } from '../support/seed.ts';
import { Oracle } from './oracle.ts';
import type { Step, Workload } from './workload.ts';

/** How things stand before a step. */
export interface Moment {
  /** The step's number. */
  readonly at: number;
  /** What the flash holds. */
  readonly image: Uint8Array;
  readonly oracle: Oracle;
  /** Programs and erases in the step. */
  readonly operations: number;
}

/** A workload, done once without a power cut. */
export interface Timeline {
  readonly workload: Workload;
  readonly steps: readonly Step[];
  readonly moments: readonly Moment[];
  /** Erases of the page of the store that had the fewest. */
  readonly laps: number;
}

/** Does the workload. */
export function record(workload: Workload, seed: number): Timeline {
  const memory = new MemoryFlash(workload.geometry, { enduranceErases: Number.POSITIVE_INFINITY });
  const flash = new TornFlash(memory);
  Store.format(flash);
  const steps = workload.steps(createRandom(seed));
  const oracle = new Oracle();
  const moments: Moment[] = [];
  const running = openStore(flash);
  for (const [at, step] of steps.entries()) {
    const image = imageOf(memory);
    const before = oracle.copy();
    const operations = flash.operations;
    step(oracle.watch(running));
    moments.push({ at, image, oracle: before, operations: flash.operations - operations });
  }
  return { workload, steps, moments, laps: Math.min(...memory.wear.erases.slice(1)) };
}

function imageOf(flash: Flash): Uint8Array {
  return flash.read(0, flash.pageBytes * flash.pageCount);
}

function openStore(flash: Flash): Store {
  const opened = Store.open(flash);
  if (!opened.ok) throw new Error(`a new store is refused: ${opened.detail}`);
  return opened.value;
}
