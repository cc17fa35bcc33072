import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  linkSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FileFlash } from '../../src/emulator/board/file-flash.ts';
import { FlashFault, largeFlash, MemoryFlash, smallFlash } from '../../src/emulator/board/flash.ts';
import { bundle } from '../support/bundle.ts';

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

test.each(Object.entries(kinds))('%s clears more bits when programmed again', (_name, make) => {
  const flash = make();
  flash.program(5000, Uint8Array.of(0b1100_1010));
  flash.program(5000, Uint8Array.of(0b1000_1010));
  expect(flash.read(5000, 1)).toEqual(Uint8Array.of(0b1000_1010));
});

test.each(Object.entries(kinds))(
  '%s refuses to set a bit by programming, and changes nothing',
  (_name, make) => {
    const flash = make();
    flash.program(5000, Uint8Array.of(0xff, 0b1100_1010));
    expect(() => flash.program(5000, Uint8Array.of(0, 0b1100_1011))).toThrow(FlashFault);
    expect(flash.read(5000, 2)).toEqual(Uint8Array.of(0xff, 0b1100_1010));
  },
);

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

test.each(Object.entries(kinds))('%s counts what is done to it', (_name, make) => {
  const flash = make();
  flash.program(0, new Uint8Array(100));
  flash.program(4096, new Uint8Array(7));
  for (const page of [0, 3, 3]) flash.erase(page);
  const erases = new Array(16).fill(0);
  erases[0] = 1;
  erases[3] = 2;
  expect(flash.wear).toEqual({ programs: 2, programmedBytes: 107, erases });
});

test('a page wears out, 10,000 erases from new unless another endurance is given', () => {
  const flash = new MemoryFlash(smallFlash, { enduranceErases: 3 });
  for (let i = 0; i < 3; i++) flash.erase(1);
  flash.program(4096, Uint8Array.of(0));
  expect(() => flash.erase(1)).toThrow('page 1 is worn out');
  expect(flash.read(4096, 1)).toEqual(Uint8Array.of(0));
  flash.erase(2);
  const usual = new MemoryFlash({ pageBytes: 1, pageCount: 1 });
  for (let i = 0; i < 10_000; i++) usual.erase(0);
  expect(() => usual.erase(0)).toThrow(FlashFault);
});

test('flash in a file is there when opened again, and is the user’s alone', () => {
  const path = join(folder, 'box.flash');
  const flash = FileFlash.create(path);
  flash.program(100, Uint8Array.of(1, 2, 3));
  flash.close();
  const again = FileFlash.open(path);
  expect(again.read(99, 5)).toEqual(Uint8Array.of(255, 1, 2, 3, 255));
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(path).size).toBe(65_536);
  expect([again.pageBytes, again.pageCount]).toEqual([4096, 16]);
  again.close();
});

test('the size of a file tells that it is the flash of a large model', () => {
  const path = join(folder, 'large.flash');
  const image = new MemoryFlash(largeFlash);
  image.program(262_143, Uint8Array.of(5));
  FileFlash.create(path, image).close();
  expect(statSync(path).size).toBe(524_288);
  const flash = FileFlash.open(path);
  expect([flash.pageBytes, flash.pageCount]).toEqual([4096, 128]);
  expect(flash.read(262_143, 1)).toEqual(Uint8Array.of(5));
  flash.close();
  const odd = new MemoryFlash({ pageBytes: 4096, pageCount: 17 });
  expect(() => FileFlash.create(join(folder, 'odd.flash'), odd)).toThrow(RangeError);
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

test('a flash file is open once at a time in a process, by whatever name', () => {
  const path = join(folder, 'box.flash');
  const other = join(folder, 'same.flash');
  const flash = FileFlash.create(path);
  linkSync(path, other);
  const inUse = expect.objectContaining({
    code: 'FILE_FAILED',
    message: expect.stringMatching(/is in use.*Stop that one first/),
  });
  expect(() => FileFlash.open(path)).toThrow(inUse);
  expect(() => FileFlash.open(other)).toThrow(inUse);
  flash.program(0, Uint8Array.of(1));
  flash.close();
  const again = FileFlash.open(other);
  expect(again.read(0, 1)).toEqual(Uint8Array.of(1));
  again.close();
});

test('a file that is refused can be opened later', () => {
  const path = join(folder, 'box.flash');
  writeFileSync(path, 'not yet');
  expect(() => FileFlash.open(path)).toThrow(expect.objectContaining({ code: 'FLASH_INVALID' }));
  truncateSync(path, 65_536);
  FileFlash.open(path).close();
});

test('another process that has the flash keeps it to itself, until it is killed', async () => {
  const path = join(folder, 'box.flash');
  const program = await bundle('flash-holder', 'src/cli/main.ts');
  const socket = join(folder, 's');
  const words = ['emulate', '--flash', path, '--usbip', `unix:${socket}`, '--json'];
  const child = spawn(process.execPath, [program, ...words], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  try {
    // It tells that it listens.
    await once(child.stdout, 'data');
    expect(() => FileFlash.open(path)).toThrow(/is in use/);
  } finally {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  FileFlash.open(path).close();
});
