import type { Report } from '../powercut/check.ts';
import { type Fault, inTurn, runPlanted } from './planted.ts';
import faults from './store.json' with { type: 'json' };

/** Mistakes that the store could have; the clause of each is what must be found. */
export const storeFaults: readonly Fault[] = faults;

/** Cuts the power of a store, with a fault in it if one is given. */
export function checkWith(fault: Fault | undefined, seed: number): Promise<Report> {
  const label = `store-${fault === undefined ? 'none' : storeFaults.indexOf(fault)}`;
  return inTurn(async () => {
    const output = await runPlanted(label, fault, {
      entry: 'test/powercut/check-child.ts',
      parts: ['src', 'test/powercut', 'test/support'],
      args: [String(seed)],
    });
    return JSON.parse(output) as Report;
  });
}
