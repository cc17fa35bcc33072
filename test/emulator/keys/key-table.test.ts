import { expect, test } from 'vitest';
import {
  KeyTable,
  putPrivateKey,
  removePrivateKey,
} from '../../../src/emulator/firmware/keys/index.ts';
import type { Manufacture } from '../../../src/emulator/firmware/manufacture-block.ts';
import { Logins } from '../../../src/emulator/firmware/memory/index.ts';
import type { Session } from '../../../src/emulator/firmware/sessions.ts';
import { storeKeys } from '../../../src/emulator/firmware/store-keys.ts';
import { largeFlash } from '../../../src/emulator/index.ts';
import type { KeyMaterial, KeyType } from '../../../src/protocol/keys.ts';
import { application, bootChip, type Chip, commit, flashWithPartition } from '../memory/chip.ts';

const fixedKey = new Uint8Array(32).fill(9);
const limits = { keys: 16 };
const aes128: readonly KeyType[] = ['aes128'];

const refusal = (code: string) => ({ ok: false, code });

function material(value: number): KeyMaterial {
  return { type: 'aes128', key: new Uint8Array(16).fill(value) };
}

/** A chip with one partition, its key table, and a way to open sessions. */
function keyTable() {
  const chip = bootChip(flashWithPartition(largeFlash));
  const keys = new KeyTable({ aesKey: fixedKey } as Manufacture, chip.ledger);
  const open = () => ({ logins: new Logins(chip.ledger.store) }) as Session;
  return { chip, keys, open };
}

function put(chip: Chip, number: number | undefined, key: KeyMaterial): number {
  return commit(chip, (draft) => putPrivateKey(draft, limits, application, number, key));
}

test('the key from manufacture is everybody’s, and of its type alone', () => {
  const { keys, open } = keyTable();
  expect(keys.find(open(), 1, ['aes256'])).toMatchObject({
    ok: true,
    value: { number: 1, material: { key: fixedKey } },
  });
  expect(keys.find(open(), 1, aes128)).toEqual(refusal('INVALID_ARGUMENT'));
  expect(keys.drop(open(), 1)).toEqual(refusal('KEY_NOT_FOUND'));
});

test.each([0, 2, 0xff, 0x100, 0x110, 0x0fff, 0x1000, 0x7fff, 0x8000, 0xffff])(
  'there is no key %i',
  (number) => {
    const { keys, open } = keyTable();
    expect(keys.find(open(), number, aes128)).toEqual(refusal('KEY_NOT_FOUND'));
    expect(keys.drop(open(), number)).toEqual(refusal('KEY_NOT_FOUND'));
  },
);

test('a number that was dropped means no other key for a long time', () => {
  const { keys, open } = keyTable();
  const session = open();
  const numbers = new Set<number>();
  for (let i = 0; i < 1000; i++) {
    const added = keys.add(session, material(i & 0xff));
    if (!added.ok) throw new Error(added.code);
    numbers.add(added.value);
    keys.drop(session, added.value);
  }
  expect(numbers.size).toBe(1000);
});

test('numbers go round, past those in use', () => {
  const { keys, open } = keyTable();
  const session = open();
  const kept = keys.add(session, material(1));
  for (let i = 0; i < 0x8000 - 1; i++) {
    const added = keys.add(session, material(2));
    if (added.ok) keys.drop(session, added.value);
  }
  const next = keys.add(session, material(3));
  expect([kept, next]).toEqual([
    { ok: true, value: 0x8000 },
    { ok: true, value: 0x8001 },
  ]);
  expect(keys.find(session, 0x8000, aes128)).toMatchObject({
    value: { material: material(1) },
  });
});

test('a key is one and the same object for as long as it lives', () => {
  const { chip, keys, open } = keyTable();
  const session = open();
  session.logins.set(application, 'user');
  const number = put(chip, undefined, material(1));
  const found = () => {
    const key = keys.find(session, number, aes128);
    if (!key.ok) throw new Error(key.code);
    return key.value;
  };
  const key = found();
  expect(found()).toBe(key);
  // Other changes of the store leave it alone.
  put(chip, undefined, material(2));
  expect(found()).toBe(key);
  put(chip, number, material(3));
  expect(found()).not.toBe(key);
  expect(found().material).toEqual(material(3));
  const replaced = found();
  commit(chip, (draft) => removePrivateKey(draft, number));
  expect(keys.find(session, number, aes128)).toEqual(refusal('KEY_NOT_FOUND'));
  put(chip, number, material(3));
  expect(found()).not.toBe(replaced);
  const added = keys.add(session, material(4));
  if (!added.ok) throw new Error(added.code);
  const own = keys.find(session, added.value, aes128);
  expect(keys.find(session, added.value, aes128).ok && own.ok && own.value).toBe(
    own.ok && own.value,
  );
});

test('a private key needs a login of the session itself, and its type is told after that', () => {
  const { chip, keys, open } = keyTable();
  const [first, second] = [open(), open()];
  const number = put(chip, undefined, material(1));
  expect(keys.find(first, number, ['aes256'])).toEqual(refusal('LOGIN_REQUIRED'));
  first.logins.set(application, 'user');
  expect(keys.find(first, number, aes128).ok).toBe(true);
  expect(keys.find(first, number, ['aes256'])).toEqual(refusal('INVALID_ARGUMENT'));
  expect(keys.find(second, number, aes128)).toEqual(refusal('LOGIN_REQUIRED'));
  second.logins.set(application, 'administrator');
  expect(keys.find(second, number, aes128).ok).toBe(true);
  first.logins.delete(application);
  expect(keys.find(first, number, aes128)).toEqual(refusal('LOGIN_REQUIRED'));
});

test('a key of another partition stays closed', () => {
  const { chip, keys, open } = keyTable();
  const session = open();
  session.logins.set(application, 'administrator');
  const number = commit(chip, (draft) =>
    putPrivateKey(draft, limits, application + 1, undefined, material(1)),
  );
  expect(keys.find(session, number, aes128)).toEqual(refusal('LOGIN_REQUIRED'));
});

test('a dongle that is blocked uses no private key, and tells which there are', () => {
  const { chip, keys, open } = keyTable();
  const session = open();
  session.logins.set(application, 'user');
  const number = put(chip, undefined, material(1));
  const added = keys.add(session, material(2));
  expect(keys.find(session, number, aes128).ok).toBe(true);
  chip.ledger.commit([{ key: storeKeys.blocked, value: Uint8Array.of(1) }]);
  expect(keys.find(session, number, aes128)).toEqual(refusal('DONGLE_BLOCKED'));
  expect(keys.find(session, added.ok ? added.value : 0, aes128).ok).toBe(true);
  expect(keys.list(session)).toContainEqual({ key: number, type: 'aes128', application });
  chip.ledger.commit([{ key: storeKeys.blocked, remove: true }]);
  expect(keys.find(session, number, aes128).ok).toBe(true);
});

test('the list tells the key from manufacture, private keys, and the session’s own', () => {
  const { chip, keys, open } = keyTable();
  const [first, second] = [open(), open()];
  put(chip, undefined, material(1));
  const own = keys.add(first, { type: 'secret', key: new Uint8Array(8) });
  keys.add(second, material(2));
  expect(keys.list(first)).toEqual([
    { key: 1, type: 'aes256' },
    { key: 0x100, type: 'aes128', application },
    { key: own.ok && own.value, type: 'secret' },
  ]);
});
