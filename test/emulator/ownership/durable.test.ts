import { expect, test } from 'vitest';
import { durableChanges, loadDurable } from '../../../src/emulator/firmware/durable.ts';
import {
  type Binding,
  type Durable,
  defaultRules,
  unowned,
} from '../../../src/emulator/firmware/ownership/index.ts';
import { Store } from '../../../src/emulator/firmware/store/store.ts';
import { storeKeys } from '../../../src/emulator/firmware/store-keys.ts';
import { MemoryFlash } from '../../../src/emulator/index.ts';
import { createRandom, type Random, seed } from '../../support/seed.ts';

function newStore(): { flash: MemoryFlash; store: Store } {
  const flash = new MemoryFlash();
  Store.format(flash);
  return { flash, store: open(flash) };
}

function open(flash: MemoryFlash): Store {
  const store = Store.open(flash);
  if (!store.ok) throw new Error(store.detail);
  return store.value;
}

function load(store: Store): Durable {
  const durable = loadDurable(store);
  if (!durable.ok) throw new Error(durable.detail);
  return durable.value;
}

function anyBinding(random: Random, epoch: number): Binding {
  return {
    epoch,
    key: random.bytes(16),
    instance: random.bytes(16),
    machine: Array.from({ length: random.below(4) }, () => random.bytes(8)),
    ticket: random.bytes(16),
    previousTicket: random.below(2) === 0 ? undefined : random.bytes(16),
  };
}

/** Another state, some members of which are those of before. */
function next(random: Random, before: Durable, round: number): Durable {
  const either = <Value>(old: Value, make: () => Value) => (random.below(2) === 0 ? old : make());
  const nowMs = round * 1_000_000_000;
  return {
    binding: either(before.binding, () => anyBinding(random, round + 0xffff_0000)),
    confirmedEpoch: either(before.confirmedEpoch, () => round + 0xffff_0000),
    endedEpoch: either(before.endedEpoch, () => round + 0xffff_0000),
    handover: either(before.handover, () =>
      random.below(2) === 0
        ? undefined
        : { epoch: round, key: random.bytes(16), untilMs: nowMs + 30_000 },
    ),
    takeovers: either(before.takeovers, () =>
      Array.from({ length: random.below(65) }, (_, i) => ({
        atMs: 2 ** 48 - 1 - i,
        afterEnd: random.below(2) === 0,
      })),
    ),
    attaches: either(before.attaches, () =>
      Array.from({ length: random.below(65) }, (_, i) => ({
        atMs: 2 ** 48 - 1 - i,
        wallMs: Number.MAX_SAFE_INTEGER - i,
      })),
    ),
    lockedUntilMs: either(before.lockedUntilMs, () => nowMs + defaultRules.lockoutMs),
  };
}

test('a new store says that nobody owns the dongle', () => {
  expect(load(newStore().store)).toEqual(unowned);
});

test(`ownership comes back from the flash as it was, at its largest too, SEED=${seed}`, () => {
  const random = createRandom(seed);
  const { flash, store } = newStore();
  let state: Durable = unowned;
  for (let round = 1; round <= 200; round++) {
    const after = next(random, state, round);
    expect(store.commit(durableChanges(state, after)).ok).toBe(true);
    state = after;
    expect(load(open(flash))).toEqual(state);
  }
});

test('only the members that have changed are written', () => {
  const { store } = newStore();
  expect(durableChanges(unowned, { ...unowned })).toEqual([]);
  const changes = durableChanges(unowned, { ...unowned, confirmedEpoch: 1, takeovers: [] });
  expect(changes.map(({ key }) => key)).toEqual([storeKeys.confirmedEpoch, storeKeys.takeovers]);
  expect(store.commit(changes).ok).toBe(true);
});

test('an entry that is not what the firmware writes is damage', () => {
  const { store } = newStore();
  store.commit([{ key: storeKeys.binding, value: Uint8Array.of(0xa0) }]);
  expect(loadDurable(store)).toEqual({
    ok: false,
    code: 'FLASH_INVALID',
    detail: 'its binding cannot be read',
  });
});
