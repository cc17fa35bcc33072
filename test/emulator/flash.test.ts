import { mkdtempSync, rmSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FileFlash, MemoryFlash, smallFlash } from '../../src/emulator/index.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

const kinds = {
  'flash in memory': () => new MemoryFlash(),
  'flash in a file': () => FileFlash.create(join(folder, 'box.flash')),
};

test.each(Object.entries(kinds))('%s begins erased', (_name, make) => {
  expect(make().read(0, 8)).toEqual(new Uint8Array(8).fill(0xff));
});

test.each(Object.entries(kinds))('%s only clears bits when programmed', (_name, make) => {
  const flash = make();
  flash.program(5000, Uint8Array.of(0b1100_1010));
  flash.program(5000, Uint8Array.of(0b1010_1111));
  expect(flash.read(5000, 1)).toEqual(Uint8Array.of(0b1000_1010));
});

test.each(Object.entries(kinds))('%s is erased a page at a time', (_name, make) => {
  const flash = make();
  for (const address of [4095, 4096, 8191, 8192]) flash.program(address, Uint8Array.of(0));
  flash.erase(1);
  const cells = [4095, 4096, 8191, 8192].map((address) => flash.read(address, 1)[0]);
  expect(cells).toEqual([0, 0xff, 0xff, 0]);
});

test.each(Object.entries(kinds))('%s refuses access outside the chip', (_name, make) => {
  const flash = make();
  const end = smallFlash.pageBytes * smallFlash.pageCount;
  expect(() => flash.read(end - 1, 2)).toThrow(RangeError);
  expect(() => flash.read(-1, 1)).toThrow(RangeError);
  expect(() => flash.program(end, Uint8Array.of(0))).toThrow(RangeError);
  expect(() => flash.erase(smallFlash.pageCount)).toThrow(RangeError);
});

test('flash in a file is there when opened again, and is the user’s alone', () => {
  const path = join(folder, 'box.flash');
  const flash = FileFlash.create(path);
  flash.program(100, Uint8Array.of(1, 2, 3));
  flash.close();
  expect(FileFlash.open(path).read(99, 5)).toEqual(Uint8Array.of(255, 1, 2, 3, 255));
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(path).size).toBe(65_536);
});

test('a file that cannot be flash is refused and left as it is', () => {
  const path = join(folder, 'notes.txt');
  writeFileSync(path, 'not flash');
  expect(() => FileFlash.open(path)).toThrow(
    expect.objectContaining({ code: 'FLASH_INVALID', message: expect.stringContaining(path) }),
  );
  expect(statSync(path).size).toBe(9);
  const short = join(folder, 'short.flash');
  FileFlash.create(short).close();
  truncateSync(short, 65_535);
  expect(() => FileFlash.open(short)).toThrow(expect.objectContaining({ code: 'FLASH_INVALID' }));
});

test('a symbolic link is not followed, a missing file not made, an existing one not replaced', () => {
  const path = join(folder, 'box.flash');
  FileFlash.create(path).close();
  const link = join(folder, 'link.flash');
  symlinkSync(path, link);
  const failed = expect.objectContaining({ code: 'FILE_FAILED' });
  expect(() => FileFlash.open(link)).toThrow(failed);
  expect(() => FileFlash.create(link)).toThrow(failed);
  expect(() => FileFlash.open(join(folder, 'none.flash'))).toThrow(failed);
  expect(() => FileFlash.create(path)).toThrow(failed);
  expect(() => FileFlash.open(folder)).toThrow(failed);
});
