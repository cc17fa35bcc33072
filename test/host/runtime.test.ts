import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { suite } from '#crypto';
import { openRuntime } from '../../src/host/runtime.ts';
import { defaultStateFolder } from '../../src/host/state-files.ts';

let folder: string;

beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'latchkey-state-')), 'latchkey');
});

afterEach(() => rmSync(join(folder, '..'), { recursive: true }));

const serial = 'LK/../1 ä'.normalize().replace('ä', '~');
const ticket = (fill: number) => new Uint8Array(16).fill(fill);
const modeOf = (path: string) => statSync(path).mode & 0o777;
const keyFile = () => join(folder, 'key');
const ticketFile = () =>
  join(folder, readdirSync(folder).find((name) => name.startsWith('ticket-')) as string);

test('makes its folder and files for the user alone', async () => {
  const runtime = await openRuntime({ folder });
  await runtime.keepTicket(serial, ticket(1));
  expect(modeOf(folder)).toBe(0o700);
  expect(readdirSync(folder)).toHaveLength(2);
  for (const name of readdirSync(folder)) expect(modeOf(join(folder, name))).toBe(0o600);
});

test('is the same runtime each time, and another instance', async () => {
  const first = await openRuntime({ folder });
  await first.keepTicket(serial, ticket(1));
  await first.keepTicket('LK-2', ticket(2));
  await first.keepTicket(serial, ticket(3));
  const second = await openRuntime({ folder });
  expect(second.key.publicKey).toEqual(first.key.publicKey);
  expect(second.instance).toHaveLength(16);
  expect(second.instance).not.toEqual(first.instance);
  expect(await second.ticket(serial)).toEqual(ticket(3));
  expect(await second.ticket('LK-2')).toEqual(ticket(2));
  expect(await second.ticket('LK-3')).toBeUndefined();
  expect(readdirSync(folder)).toHaveLength(3);
});

test('knows the tickets of serials that differ in case alone apart', async () => {
  const runtime = await openRuntime({ folder });
  await runtime.keepTicket('lk', ticket(1));
  await runtime.keepTicket('LK', ticket(2));
  expect(await runtime.ticket('lk')).toEqual(ticket(1));
  const names = readdirSync(folder).map((name) => name.toLowerCase());
  expect(new Set(names).size).toBe(3);
});

test('with a key and tickets of somebody else’s leaves the disk alone', async () => {
  const key = await suite.generateDhKey();
  const tickets = { ticket: () => ticket(9), keepTicket: () => {} };
  const runtime = await openRuntime({ folder: '/nonexistent/no', key, tickets });
  expect(runtime.key).toBe(key);
  expect(await runtime.ticket(serial)).toEqual(ticket(9));
});

test('takes tickets that an object of somebody else’s keeps', async () => {
  class Tickets {
    readonly #kept = new Map<string, Uint8Array>();
    ticket(dongle: string) {
      return this.#kept.get(dongle);
    }
    keepTicket(dongle: string, kept: Uint8Array) {
      this.#kept.set(dongle, kept);
    }
  }
  const runtime = await openRuntime({ folder, tickets: new Tickets() });
  await runtime.keepTicket(serial, ticket(4));
  expect(await runtime.ticket(serial)).toEqual(ticket(4));
  expect(readdirSync(folder)).toEqual(['key']);
});

test('removes what dead programs have left behind, not what a living one writes', async () => {
  await openRuntime({ folder });
  const [old, young] = [join(folder, 'key.00.tmp'), join(folder, 'key.01.tmp')];
  writeFileSync(old, '');
  writeFileSync(young, '');
  const hourAgo = Date.now() / 1000 - 3600;
  utimesSync(old, hourAgo, hourAgo);
  await openRuntime({ folder });
  expect(readdirSync(folder).sort()).toEqual(['key', 'key.01.tmp']);
});

/** One sentence that names the file, and the file as it was. */
async function expectRefusal(path: string, words: RegExp): Promise<void> {
  const refusal = { code: 'FILE_FAILED', message: expect.stringMatching(words) };
  const named = { message: expect.stringContaining(path) };
  await expect(use()).rejects.toMatchObject(refusal);
  await expect(use()).rejects.toMatchObject(named);

  async function use() {
    await (await openRuntime({ folder })).ticket(serial);
  }
}

describe('a file that is not as it was', () => {
  beforeEach(async () => {
    await (await openRuntime({ folder })).keepTicket(serial, ticket(1));
  });

  test.each([
    ['empty', () => ''],
    ['cut short', (text: string) => text.slice(0, -1)],
    ['longer', (text: string) => `${text}\n`],
    ['altered in its secret', (text: string) => text.replace(/[0-9a-f](?=\n)/, swapped)],
    ['altered in its checksum', (text: string) => text.replace(/[0-9a-f](?=\n$)/, swapped)],
    ['not text', () => '\0\x01\xff'.repeat(40)],
    ['that of a later format', (text: string) => text.replace('latchkey', 'latchkey 2')],
  ])('is refused and left alone: %s', async (_name, spoil) => {
    for (const path of [ticketFile(), keyFile()]) {
      const spoilt = spoil(readFileSync(path, 'latin1'));
      writeFileSync(path, spoilt, 'latin1');
      await expectRefusal(path, /is damaged; put a copy back, or remove it/);
      expect(readFileSync(path, 'latin1')).toBe(spoilt);
    }
  });

  test('is refused: the ticket of another dongle', async () => {
    const path = ticketFile();
    await (await openRuntime({ folder })).keepTicket('LK-2', ticket(2));
    const other = readdirSync(folder).find(
      (name) => name.startsWith('ticket-') && join(folder, name) !== path,
    ) as string;
    renameSync(join(folder, other), path);
    await expectRefusal(path, /is damaged/);
  });

  test.each([
    [
      'a link',
      (path: string) => {
        renameSync(path, `${path}2`);
        symlinkSync(`${path}2`, path);
      },
      /symbolic link/,
    ],
    [
      'a folder',
      (path: string) => {
        rmSync(path);
        mkdirSync(path, 0o700);
      },
      /not a regular file/,
    ],
    [
      'a pipe',
      (path: string) => {
        rmSync(path);
        execFileSync('mkfifo', ['-m', '600', path]);
      },
      /not a regular file/,
    ],
    ['too long', (path: string) => writeFileSync(path, ' '.repeat(5000)), /too long/],
    [
      'open to others',
      (path: string) => chmodSync(path, 0o640),
      /others may use it; run "chmod 600/,
    ],
  ] as const)('is refused: %s', async (_name, spoil, words) => {
    spoil(keyFile());
    await expectRefusal(keyFile(), words);
  });

  test.skipIf(process.getuid?.() !== 0)('is refused: another user’s', async () => {
    chownSync(keyFile(), 65_534, 65_534);
    await expectRefusal(keyFile(), /belongs to another user/);
  });

  test('is refused: a folder into which others may write', async () => {
    chmodSync(folder, 0o770);
    await expectRefusal(folder, /others may write to it; run "chmod 700/);
  });
});

test.each([
  ['a file in place of the folder', () => writeFileSync(folder, ''), /is not a folder/],
  ['a file above it', () => writeFileSync(folder, ''), /not a folder/],
] as const)('%s is told in a sentence', async (name, make, words) => {
  make();
  const path = name === 'a file above it' ? join(folder, 'below') : folder;
  await expect(openRuntime({ folder: path })).rejects.toMatchObject({
    code: 'FILE_FAILED',
    message: expect.stringMatching(words),
  });
});

test.each([
  ['its own variable', { LATCHKEY_STATE: '/a', XDG_STATE_HOME: '/b' }, 'linux', '/a'],
  ['the user’s place for state', { XDG_STATE_HOME: '/b' }, 'linux', '/b/latchkey'],
  ['the usual one', { LATCHKEY_STATE: '' }, 'linux', join(homedir(), '.local/state/latchkey')],
  ['that of a Mac', {}, 'darwin', join(homedir(), 'Library/Application Support/latchkey')],
] as const)('the default folder is %s', (_name, environment, platform, expected) => {
  expect(defaultStateFolder(environment, platform)).toBe(expected);
});

/** Another hexadecimal digit. */
function swapped(digit: string): string {
  return digit === '0' ? '1' : '0';
}
