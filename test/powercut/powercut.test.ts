import { expect, test } from 'vitest';
import { MemoryFlash } from '../../src/emulator/board/flash.ts';
import { Store } from '../../src/emulator/firmware/store/store.ts';
import { createRandom, seed } from '../support/seed.ts';
import { checkPowerCuts } from './check.ts';
import { fullPlan, shortPlan } from './plans.ts';

test(`nothing is lost, halved or set back by a power cut, SEED=${seed}`, () => {
  const { counts, breaches } = checkPowerCuts(shortPlan, seed, () => {});
  expect(breaches).toEqual([]);
  expect(counts).toMatchObject({ lost: 0, half: 0, regressed: 0 });
  expect(counts.cuts).toBeGreaterThan(2_000);
  expect(counts.doubleCuts).toBeGreaterThanOrEqual(shortPlan.doubleCuts);
  expect(counts.images).toBeGreaterThan(shortPlan.images);
});

test.each(fullPlan.workloads)(
  '$name: the workload has every kind of commit, SEED=' + seed,
  ({ geometry, steps }) => {
    const flash = new MemoryFlash(geometry);
    Store.format(flash);
    const opened = Store.open(flash);
    if (!opened.ok) throw new Error(opened.detail);
    const store = opened.value;
    const seen = new Set<string>();
    for (const step of steps(createRandom(seed))) {
      step({
        get: (key) => store.get(key),
        count: (key) => store.count(key),
        commit(changes) {
          for (const change of changes) {
            const what = 'remove' in change ? 'removed' : 'set';
            seen.add(`${change.key.kind} ${store.get(change.key) === undefined ? 'absent' : what}`);
          }
          const { erases, programmedBytes } = flash.wear;
          const outcome = store.commit(changes);
          seen.add(outcome.ok ? `${Math.min(changes.length, 2)} changes` : outcome.code);
          const { wear } = flash;
          if (wear.erases.some((count, page) => count > (erases[page] as number))) {
            seen.add('reclaims');
          } else if (wear.programmedBytes - programmedBytes > geometry.pageBytes) {
            seen.add('large');
          }
          return outcome;
        },
      });
    }
    const kinds = ['value', 'secret', 'counter'];
    const all = kinds.flatMap((kind) => [`${kind} absent`, `${kind} set`, `${kind} removed`]);
    all.push('0 changes', '1 changes', '2 changes', 'NO_SPACE', 'reclaims');
    // In the smallest ring, all that may be kept fits into one page.
    if (geometry.pageCount > 4) all.push('large');
    expect([...seen].sort()).toEqual(all.sort());
    expect(Math.min(...flash.wear.erases.slice(1))).toBeGreaterThanOrEqual(2);
  },
);
