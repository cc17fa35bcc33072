import { expect, test } from 'vitest';
import {
  findPartition,
  Logins,
  listPartitions,
  putPartition,
  readBytes,
  removePartition,
  resetPassword,
  tryPassword,
  writeArea,
} from '../../../src/emulator/firmware/memory/index.ts';
import type { StoreReader } from '../../../src/emulator/firmware/store/draft.ts';
import { slotKeys } from '../../../src/emulator/firmware/store-keys.ts';
import { largeFlash, seededRandom } from '../../../src/emulator/index.ts';
import type { Area } from '../../../src/protocol/partitions.ts';
import {
  application,
  bootChip,
  commit,
  emptyFlash,
  flashWithPartition,
  passwords,
  plan,
  vendor,
  wrongPassword,
} from './chip.ts';

const random = seededRandom('provision');
const memory = { memoryBytes: 8 * 512 };

function read(store: StoreReader, area: Area, offset: number, count: number, of = application) {
  const partition = findPartition(store, of);
  if (partition === undefined) throw new Error(`no partition ${of}`);
  const reply = readBytes(store, partition, area, offset, count);
  if (!reply.ok) throw new Error(reply.code);
  return reply.value;
}

const bytes = (count: number, value: number) => new Uint8Array(count).fill(value);

test.each([0, 5, 10])('the system’s application %i gets no partition', (system) => {
  const draft = bootChip(emptyFlash(largeFlash)).ledger.draft();
  const reply = putPartition(draft, memory, random, vendor, plan([512, 0, 0], system));
  expect(reply).toEqual({ ok: false, code: 'INVALID_ARGUMENT' });
  expect(draft.changes).toEqual([]);
});

test.each([[[1, 0, 0]], [[512, 511, 0]], [[0, 0, 513]]])(
  'sizes that are not whole blocks are refused: %j',
  (sizes) => {
    const draft = bootChip(emptyFlash(largeFlash)).ledger.draft();
    const reply = putPartition(draft, memory, random, vendor, plan(sizes));
    expect(reply).toEqual({ ok: false, code: 'INVALID_ARGUMENT' });
    expect(draft.changes).toEqual([]);
  },
);

test('partitions share the memory to the last block, and one more block is refused', () => {
  const chip = bootChip(emptyFlash(largeFlash));
  commit(chip, (draft) => putPartition(draft, memory, random, vendor, plan([1024, 512, 0], 11)));
  commit(chip, (draft) => putPartition(draft, memory, random, vendor, plan([0, 512, 1024], 12)));
  const put = (sizes: number[]) =>
    putPartition(chip.ledger.draft(), memory, random, vendor, plan(sizes, 13));
  expect(put([512, 512, 512])).toEqual({ ok: false, code: 'NO_SPACE' });
  expect(put([512, 512, 0]).ok).toBe(true);
  const blocks = listPartitions(chip.ledger.store).flatMap((each) =>
    each.blocks.flatMap((b) => [...b]),
  );
  expect(new Set(blocks).size).toBe(6);
});

test('there are sixteen partitions at most', () => {
  const chip = bootChip(emptyFlash(largeFlash));
  for (let of = 11; of < 27; of++) {
    commit(chip, (draft) => putPartition(draft, memory, random, vendor, plan([0, 0, 0], of)));
  }
  const put = (of: number) =>
    putPartition(chip.ledger.draft(), memory, random, vendor, plan([0, 0, 0], of));
  expect(put(27)).toEqual({ ok: false, code: 'NO_SPACE' });
  expect(put(26).ok).toBe(true);
  expect(listPartitions(chip.ledger.store)).toHaveLength(16);
});

test('other sizes keep what an area holds as far as it reaches, and more of it is zeros', () => {
  const chip = bootChip(flashWithPartition(largeFlash, [1024, 512, 512]));
  const write = (area: Area, offset: number, data: Uint8Array) =>
    commit(chip, (draft) => writeArea(draft, vendor, { application, area, offset, data }));
  const resize = (sizes: number[]) =>
    commit(chip, (draft) => putPartition(draft, memory, random, vendor, plan(sizes)));
  write('ram1', 0, bytes(1024, 1));
  write('ram2', 0, bytes(512, 2));
  write('ram3', 0, bytes(512, 3));
  // The block that RAM1 gives up is one of those that RAM2 gets.
  resize([512, 2048, 512]);
  const { store } = chip.ledger;
  expect(read(store, 'ram1', 0, 512)).toEqual(bytes(512, 1));
  expect(read(store, 'ram2', 0, 512)).toEqual(bytes(512, 2));
  expect(read(store, 'ram2', 512, 1536)).toEqual(bytes(1536, 0));
  expect(read(store, 'ram3', 0, 512)).toEqual(bytes(512, 3));
  resize([1024, 512, 512]);
  expect(read(store, 'ram1', 512, 512)).toEqual(bytes(512, 0));
  expect(read(store, 'ram2', 0, 512)).toEqual(bytes(512, 2));
});

test('another vendor’s update finds no partition, and changes nothing', () => {
  const chip = bootChip(flashWithPartition(largeFlash, [512, 0, 0]));
  const draft = chip.ledger.draft();
  const other = vendor + 1;
  const refusal = { ok: false, code: 'PARTITION_NOT_FOUND' };
  const reset = { application, role: 'user', password: wrongPassword } as const;
  const write = { application, area: 'ram1', offset: 0, data: bytes(1, 1) } as const;
  expect(putPartition(draft, memory, random, other, plan([0, 0, 0]))).toEqual(refusal);
  expect(removePartition(draft, other, application)).toEqual(refusal);
  expect(resetPassword(draft, random, other, reset)).toEqual(refusal);
  expect(writeArea(draft, other, write)).toEqual(refusal);
  expect(draft.changes).toEqual([]);
});

test('a write lies within its area or is refused; the last byte is within', () => {
  const chip = bootChip(flashWithPartition(largeFlash, [1024, 512, 0]));
  const write = (area: Area, offset: number, count: number) =>
    writeArea(chip.ledger.draft(), vendor, { application, area, offset, data: bytes(count, 1) });
  const refusal = { ok: false, code: 'INVALID_ARGUMENT' };
  expect(write('ram1', 1023, 1).ok).toBe(true);
  expect(write('ram1', 1024, 0).ok).toBe(true);
  expect(write('ram1', 1023, 2)).toEqual(refusal);
  expect(write('ram1', 65_535, 1)).toEqual(refusal);
  expect(write('ram2', 500, 13)).toEqual(refusal);
  expect(write('ram3', 0, 1)).toEqual(refusal);
  const partition = findPartition(chip.ledger.store, application);
  if (partition === undefined) throw new Error('no partition');
  expect(readBytes(chip.ledger.store, partition, 'ram1', 1, 1024)).toEqual(refusal);
  expect(readBytes(chip.ledger.store, partition, 'ram3', 0, 1)).toEqual(refusal);
});

test('blocks of zeros take no room', () => {
  const chip = bootChip(flashWithPartition(largeFlash, [4096, 0, 0]));
  const write = (offset: number, data: Uint8Array) =>
    commit(chip, (draft) => writeArea(draft, vendor, { application, area: 'ram1', offset, data }));
  const stored = () => slotKeys.memory.filter((key) => chip.ledger.store.get(key)).length;
  write(100, bytes(3000, 0));
  expect(stored()).toBe(0);
  write(100, bytes(3000, 1));
  expect(stored()).toBe(7);
  write(0, bytes(512, 0));
  expect(stored()).toBe(6);
  write(512, bytes(4096 - 512, 0));
  expect(stored()).toBe(0);
});

test('what a partition held is gone from the flash when it is removed', () => {
  const flash = flashWithPartition(largeFlash, [1024, 0, 0]);
  const chip = bootChip(flash);
  const secret = seededRandom('a secret')(700);
  const data = { application, area: 'ram1', offset: 100, data: secret } as const;
  commit(chip, (draft) => writeArea(draft, vendor, data));
  const image = () => Buffer.from(flash.read(0, flash.pageBytes * flash.pageCount));
  expect(image().indexOf(secret.subarray(0, 32))).toBeGreaterThan(0);
  commit(chip, (draft) => removePartition(draft, vendor, application));
  for (let at = 0; at + 16 <= secret.length; at += 16) {
    expect(image().indexOf(secret.subarray(at, at + 16))).toBe(-1);
  }
  expect(findPartition(chip.ledger.store, application)).toBeUndefined();
  commit(chip, (draft) => putPartition(draft, memory, random, vendor, plan([1024, 0, 0])));
  expect(read(chip.ledger.store, 'ram1', 0, 1024)).toEqual(bytes(1024, 0));
});

test('an update resets a password that is locked', () => {
  const chip = bootChip(flashWithPartition(largeFlash));
  const attempt = (password: Uint8Array) => tryPassword(chip.ledger, 0, 'administrator', password);
  for (let i = 0; i < 10; i++) {
    expect(attempt(wrongPassword)).toEqual({ ok: false, code: 'PASSWORD_WRONG' });
  }
  expect(attempt(passwords.administrator)).toEqual({ ok: false, code: 'PASSWORD_LOCKED' });
  const reset = { application, role: 'administrator', password: bytes(16, 9) } as const;
  commit(chip, (draft) => resetPassword(draft, random, vendor, reset));
  expect(attempt(passwords.administrator)).toEqual({ ok: false, code: 'PASSWORD_WRONG' });
  expect(attempt(bytes(16, 9)).ok).toBe(true);
});

test('a login ends when its password is set anew or its partition removed, and no other does', () => {
  const chip = bootChip(flashWithPartition(largeFlash));
  commit(chip, (draft) => putPartition(draft, memory, random, vendor, plan([0, 0, 0], 200)));
  const logins = new Logins(chip.ledger.store);
  logins.set(application, 'administrator');
  logins.set(200, 'user');
  const reset = (role: 'user' | 'administrator') =>
    commit(chip, (draft) =>
      // The same password: whoever sets it anew means that others have to show it again.
      resetPassword(draft, random, vendor, { application, role, password: passwords[role] }),
    );
  reset('user');
  expect(logins.get(application)).toBe('administrator');
  reset('administrator');
  expect(logins.get(application)).toBeUndefined();
  expect(logins.get(200)).toBe('user');
  commit(chip, (draft) => removePartition(draft, vendor, 200));
  expect(logins.get(200)).toBeUndefined();
  // One of another vendor with the same name and passwords is another partition.
  commit(chip, (draft) => putPartition(draft, memory, random, vendor + 1, plan([0, 0, 0], 200)));
  expect(logins.get(200)).toBeUndefined();
  expect(logins.allows(200, 'user')).toBe(false);
});
