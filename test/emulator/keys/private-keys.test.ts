import { expect, test } from 'vitest';
import { toHex } from '../../../src/bytes.ts';
import {
  hasFreeSlot,
  listPrivateKeys,
  privateKeyOwner,
  putPrivateKey,
  readPrivateKey,
  removeKeysOf,
  removePrivateKey,
} from '../../../src/emulator/firmware/keys/index.ts';
import { Store } from '../../../src/emulator/firmware/store/store.ts';
import { slotKeys } from '../../../src/emulator/firmware/store-keys.ts';
import { largeFlash, type MemoryFlash, seededRandom } from '../../../src/emulator/index.ts';
import type { KeyMaterial } from '../../../src/protocol/keys.ts';
import { SecretSearch } from '../../powercut/secret-search.ts';
import { seed } from '../../support/seed.ts';
import { application, bootChip, commit, emptyFlash } from '../memory/chip.ts';

const limits = { keys: 4 };
const random = seededRandom(`private keys ${seed}`);

function secretKey(bytes = 32): KeyMaterial {
  return { type: 'secret', key: random(bytes) };
}

/** The longest that is stored. */
const longestKey: KeyMaterial = {
  type: 'rsa4096',
  p: random(256),
  q: random(256),
  exponent: random(8),
};

/** All that the flash holds. */
function cellsOf(flash: MemoryFlash): Uint8Array {
  return flash.read(0, flash.pageBytes * flash.pageCount);
}

function findsIn(flash: MemoryFlash, { key = new Uint8Array() }: KeyMaterial): boolean {
  return new SecretSearch([toHex(key)]).findIn(cellsOf(flash)) !== undefined;
}

test('keys get the next free number, up to as many as the model keeps', () => {
  const chip = bootChip(emptyFlash(largeFlash));
  const put = () =>
    commit(chip, (draft) => putPrivateKey(draft, limits, application, undefined, secretKey()));
  expect([put(), put(), put(), put()]).toEqual([0x100, 0x101, 0x102, 0x103]);
  expect(hasFreeSlot(chip.ledger.store, limits)).toBe(false);
  const draft = chip.ledger.draft();
  expect(putPrivateKey(draft, limits, application, undefined, secretKey())).toEqual({
    ok: false,
    code: 'NO_SPACE',
  });
  expect(draft.changes).toEqual([]);
  commit(chip, (draft) => removePrivateKey(draft, 0x101));
  expect(put()).toBe(0x101);
});

test('within one draft, each key gets a number of its own', () => {
  const chip = bootChip(emptyFlash(largeFlash));
  const numbers = commit(chip, (draft) => {
    const put = () => putPrivateKey(draft, limits, application, undefined, secretKey());
    return { ok: true, value: [put(), put()] };
  });
  expect(numbers).toEqual([
    { ok: true, value: 0x100 },
    { ok: true, value: 0x101 },
  ]);
});

test('the longest key fits its slot, and is read again as it was', () => {
  const chip = bootChip(emptyFlash(largeFlash));
  const number = commit(chip, (draft) =>
    putPrivateKey(draft, limits, 0xffff, undefined, longestKey),
  );
  expect(readPrivateKey(chip.ledger.store, number)).toEqual({
    application: 0xffff,
    material: longestKey,
  });
  const stored = chip.ledger.store.get(slotKeys.key[0] as (typeof slotKeys.key)[number]);
  expect(stored?.length).toBeLessThanOrEqual(slotKeys.key[0]?.maxBytes as number);
});

test('a key is replaced by its own partition alone', () => {
  const chip = bootChip(emptyFlash(largeFlash));
  const [first, second] = [secretKey(), secretKey(64)];
  commit(chip, (draft) => putPrivateKey(draft, limits, application, 0x102, first));
  const draft = chip.ledger.draft();
  expect(putPrivateKey(draft, limits, application + 1, 0x102, second)).toEqual({
    ok: false,
    code: 'KEY_NOT_FOUND',
  });
  expect(draft.changes).toEqual([]);
  commit(chip, (draft) => putPrivateKey(draft, limits, application, 0x102, second));
  expect(readPrivateKey(chip.ledger.store, 0x102)?.material).toEqual(second);
});

test.each([0, 1, 0xff, 0x104, 0x110, 0x0fff, 0x1000, 0x8000, 0xffff])(
  'the number %i is that of no private key',
  (number) => {
    const chip = bootChip(emptyFlash(largeFlash));
    const notFound = { ok: false, code: 'KEY_NOT_FOUND' };
    const draft = chip.ledger.draft();
    expect(putPrivateKey(draft, limits, application, number, secretKey())).toEqual(notFound);
    expect(removePrivateKey(draft, number)).toEqual(notFound);
    expect(privateKeyOwner(draft, number)).toBeUndefined();
    expect(draft.changes).toEqual([]);
  },
);

test('the keys of a partition go together, and others stay', () => {
  const chip = bootChip(emptyFlash(largeFlash));
  for (const owner of [application, 300, application, 300]) {
    commit(chip, (draft) => putPrivateKey(draft, limits, owner, undefined, secretKey()));
  }
  commit(chip, (draft) => {
    removeKeysOf(draft, application);
    return { ok: true, value: undefined };
  });
  const left = listPrivateKeys(chip.ledger.store);
  expect(left.map(({ number, application: owner }) => [number, owner])).toEqual([
    [0x101, 300],
    [0x103, 300],
  ]);
  expect(privateKeyOwner(chip.ledger.store, 0x101)).toBe(300);
});

test(`a key that is deleted or replaced is gone from the flash, SEED=${seed}`, () => {
  const flash = emptyFlash(largeFlash);
  const chip = bootChip(flash);
  const [first, second, third] = [secretKey(), secretKey(), secretKey(128)];
  const number = commit(chip, (draft) =>
    putPrivateKey(draft, limits, application, undefined, first),
  );
  commit(chip, (draft) => putPrivateKey(draft, limits, application, undefined, second));
  expect([first, second, third].map((key) => findsIn(flash, key))).toEqual([true, true, false]);
  commit(chip, (draft) => putPrivateKey(draft, limits, application, number, third));
  expect([first, second, third].map((key) => findsIn(flash, key))).toEqual([false, true, true]);
  commit(chip, (draft) => removePrivateKey(draft, number));
  expect([first, second, third].map((key) => findsIn(flash, key))).toEqual([false, true, false]);
  expect(Store.open(flash).ok).toBe(true);
});
