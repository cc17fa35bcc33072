import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { fromHex } from '../../src/bytes.ts';
import { noUpdate } from '../../src/protocol/updates/index.ts';
import type { DongleBook } from '../../src/vendor/dongle-book.ts';
import { Ledger } from '../../src/vendor/ledger.ts';
import { bundle } from '../support/bundle.ts';
import { at, sampleDongle, sampleUpdate } from './sample-updates.ts';

const base = mkdtempSync(join(tmpdir(), 'latchkey-ledger-'));
afterAll(() => rmSync(base, { recursive: true }));

let folder: string;
let count = 0;
beforeEach(() => {
  folder = join(base, `ledger-${count++}`);
});

const dongle = await sampleDongle('LK-0001');

/** A book with three updates, of which the first is confirmed; gives its file. */
async function writeBook(): Promise<string> {
  await using ledger = await Ledger.open(folder);
  const book = await ledger.bookOf(dongle, at);
  await issue(book);
  await book.append({
    at,
    kind: 'receipt',
    number: 1,
    last: book.issued[0]?.id ?? '',
    licenses: [],
  });
  await issue(book);
  await issue(book);
  return book.path;
}

async function issue(book: DongleBook): Promise<void> {
  const last = book.issued.at(-1);
  const number = (last?.number ?? 0) + 1;
  await book.append(await sampleUpdate(book.id, number, last ? fromHex(last.id) : noUpdate));
}

async function numbersIn(path: string): Promise<{ issued: number[]; confirmed: number }> {
  await using ledger = await Ledger.open(folder);
  const book = ledger.bySerial('LK-0001');
  expect(book.path).toBe(path);
  return { issued: book.issued.map(({ number }) => number), confirmed: book.confirmed };
}

test('what was written comes back, in files that are the owner’s alone', async () => {
  const path = await writeBook();
  expect(await numbersIn(path)).toEqual({ issued: [1, 2, 3], confirmed: 1 });
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
});

test('a serial with a path in it makes a file in the folder', async () => {
  await using ledger = await Ledger.open(folder);
  const { path } = await ledger.bookOf(await sampleDongle('../../etc/LK 1'), at);
  expect(readdirSync(folder)).toContain(path.slice(folder.length + 1));
  expect(path).toMatch(/______etc_LK_1-[0-9a-f]{16}\.jsonl$/);
});

test('a dongle that the ledger does not know, and two with one serial', async () => {
  await using ledger = await Ledger.open(folder);
  expect(() => ledger.bySerial('LK-9')).toThrow(/no dongle LK-9: check the serial/);
  await ledger.bookOf(dongle, at);
  const { staticKey } = await sampleDongle('LK-0002');
  await ledger.bookOf({ ...dongle, vendor: 2, staticKey }, at);
  expect(() => ledger.bySerial('LK-0001')).toThrow(/two dongles LK-0001/);
});

describe('a crash in the middle of a write', () => {
  test('loses the line that was being written and no other, wherever it was cut', async () => {
    const path = await writeBook();
    const whole = readFileSync(path);
    const lastLine = whole.lastIndexOf('\n', whole.length - 2) + 1;
    const cuts = new Set([lastLine, lastLine + 1, whole.length - 1]);
    for (let cut = lastLine; cut < whole.length; cut += 37) cuts.add(cut);
    for (const cut of cuts) {
      writeFileSync(path, whole.subarray(0, cut));
      expect(await numbersIn(path), `cut at ${cut}`).toEqual({ issued: [1, 2], confirmed: 1 });
      await using ledger = await Ledger.open(folder);
      await issue(ledger.bySerial('LK-0001'));
      expect(readFileSync(path).equals(whole), `cut at ${cut}`).toBe(true);
    }
  });

  test('that left zeros, or an unfinished first line, is over with the next write', async () => {
    const path = await writeBook();
    const whole = readFileSync(path);
    writeFileSync(path, Buffer.concat([whole, Buffer.alloc(100)]));
    expect(await numbersIn(path)).toEqual({ issued: [1, 2, 3], confirmed: 1 });
    writeFileSync(path, whole.subarray(0, 40));
    await using ledger = await Ledger.open(folder);
    expect(ledger.books).toEqual([]);
    await issue(await ledger.bookOf(dongle, at));
    expect(ledger.bySerial('LK-0001').issued).toHaveLength(1);
  });

  test('after a write that failed late, its line does not come back with the next one', async () => {
    const path = await writeBook();
    {
      await using ledger = await Ledger.open(folder);
      // All of it was written, but the disk did not say so.
      appendFileSync(path, `${'x'.repeat(5000)}\n`);
      await issue(ledger.bySerial('LK-0001'));
    }
    expect(await numbersIn(path)).toEqual({ issued: [1, 2, 3, 4], confirmed: 1 });
  });
});

describe('a file that was altered is refused and left as it is', () => {
  const lines = (text: string) => text.split('\n').slice(0, -1);
  const join_ = (parts: readonly string[]) => parts.map((line) => `${line}\n`).join('');

  test.each<[string, (text: string) => string]>([
    ['a changed character', (text) => text.replace('"number":2', '"number":3')],
    ['a line taken out', (text) => join_(lines(text).toSpliced(2, 1))],
    [
      'two lines exchanged',
      (text) => join_(lines(text).toSpliced(1, 2, ...lines(text).slice(1, 3).reverse())),
    ],
    ['a line twice', (text) => join_([...lines(text), ...lines(text).slice(-1)])],
    ['a line of something else', (text) => `${text}{"at":"now"}\n`],
    ['an end of line in the middle', (text) => text.replace('"update"', '"upd\nate"')],
  ])('%s', async (_, alter) => {
    const path = await writeBook();
    const altered = alter(readFileSync(path, 'utf8'));
    writeFileSync(path, altered);
    await expect(Ledger.open(folder)).rejects.toMatchObject({
      code: 'FILE_FAILED',
      message: expect.stringContaining('is damaged or was altered: put a copy of it back'),
    });
    expect(readFileSync(path, 'utf8')).toBe(altered);
  });

  test('an update that does not follow the one before it is never written', async () => {
    await using ledger = await Ledger.open(folder);
    const book = await ledger.bookOf(dongle, at);
    const entry = await sampleUpdate(book.id, 2, noUpdate);
    await expect(book.append(entry)).rejects.toMatchObject({ code: 'FILE_FAILED' });
    expect(readFileSync(book.path, 'utf8').split('\n')).toHaveLength(2);
  });
});

describe('one process has the ledger at a time', () => {
  const inUse = {
    code: 'FILE_FAILED',
    message: expect.stringContaining('wait until it has ended'),
  };

  test('a second one of this process is refused, until the first has ended', async () => {
    {
      await using ledger = await Ledger.open(folder);
      expect(ledger.books).toEqual([]);
      await expect(Ledger.open(folder)).rejects.toMatchObject(inUse);
    }
    await using again = await Ledger.open(folder);
    expect(again.books).toEqual([]);
  });

  test('another process is refused, and a killed one has let go', async () => {
    const program = await bundle('ledger-holder', 'test/vendor/ledger-holder.ts');
    const holder = spawn(process.execPath, [program, folder]);
    try {
      await once(holder.stdout, 'data');
      await expect(Ledger.open(folder)).rejects.toMatchObject(inUse);
    } finally {
      holder.kill('SIGKILL');
      await once(holder, 'exit');
    }
    await using ledger = await Ledger.open(folder);
    expect(ledger.books).toEqual([]);
  });
});
