import { expect, test } from 'vitest';
import { toHex } from '../../../src/bytes.ts';
import { MemoryFlash } from '../../../src/emulator/board/flash.ts';
import { type Change, Store, type StoreKey } from '../../../src/emulator/firmware/store/store.ts';
import { createRandom, long, type Random, seed } from '../../support/seed.ts';

const runs = long ? 3_000 : 150;
const commits = 150;

interface Model {
  readonly key: StoreKey;
  readonly value: string;
}

/** A key and what to do with it, up to `mostBytes`; a key's kind never changes. */
function randomChange(random: Random, mostBytes: number): Change {
  const id = random.below(40);
  const kind = id < 30 ? 'value' : 'secret';
  const key: StoreKey = { id, name: `${id}`, kind, maxBytes: mostBytes };
  if (random.below(6) === 0) return { key, remove: true };
  return { key, value: random.bytes(random.below(random.pick([8, mostBytes]) + 1)) };
}

test(`a full store never fails half-way, and always takes what does not grow, SEED=${seed}`, () => {
  let refused = 0;
  for (let run = 0; run < runs; run++) {
    const random = createRandom(seed + run);
    const pageBytes = random.pick([128, 256, 512]);
    const flash = new MemoryFlash(
      { pageBytes, pageCount: 4 + random.below(12) },
      { enduranceErases: Number.POSITIVE_INFINITY },
    );
    Store.format(flash);
    let store = open(flash);
    const model = new Map<number, Model>();
    for (let i = 0; i < commits; i++) {
      const changes = new Map<number, Change>();
      for (let n = random.pick([1, 1, 2, 20]); n > 0; n--) {
        const change = randomChange(random, random.pick([8, pageBytes / 4, pageBytes - 40]));
        changes.set(change.key.id, change);
      }
      const grows = [...changes.values()].some(
        (change) =>
          'value' in change &&
          2 * change.value.length > (model.get(change.key.id)?.value.length ?? -1),
      );
      const where = `run ${run}, commit ${i}`;
      const outcome = store.commit([...changes.values()]);
      if (!outcome.ok && !grows) throw new Error(`${where}: ${outcome.detail}`);
      if (outcome.ok) for (const change of changes.values()) apply(model, change);
      else refused++;
      if (random.below(10) === 0) store = open(flash);
      for (const { key, value } of model.values()) {
        const stored = store.get(key);
        if (stored === undefined || toHex(stored) !== value)
          throw new Error(`${where}: ${key.name}`);
      }
    }
  }
  expect(refused).toBeGreaterThan(runs);
});

function open(flash: MemoryFlash): Store {
  const opened = Store.open(flash);
  if (!opened.ok) throw new Error(opened.detail);
  return opened.value;
}

function apply(model: Map<number, Model>, change: Change): void {
  if ('value' in change) model.set(change.key.id, { key: change.key, value: toHex(change.value) });
  else model.delete(change.key.id);
}
