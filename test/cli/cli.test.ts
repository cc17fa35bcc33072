import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { toHex } from '../../src/bytes.ts';
import {
  readManufactureBlock,
  writeManufactureBlock,
} from '../../src/emulator/firmware/manufacture-block.ts';
import { FileFlash, MemoryFlash, manufacture, systemRandom } from '../../src/emulator/index.ts';
import { listDongles } from '../../src/node.ts';
import { bundle } from '../support/bundle.ts';

let program: string;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-'));
  program = await bundle('cli', 'src/cli/main.ts');
});

afterAll(() => rmSync(folder, { recursive: true }));

function latchkey(...words: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...words], {
    encoding: 'utf8',
    cwd: folder,
    env: { ...process.env, LATCHKEY_STATE: inFolder('state') },
  });
  return { status, stdout, stderr };
}

const inFolder = (name: string) => join(folder, name);

test('the demo goes through all its steps', () => {
  const { status, stdout } = latchkey('demo', '--json');
  expect(status).toBe(0);
  const report = JSON.parse(stdout);
  expect(report.ok).toBe(true);
  expect(report.steps.map((step: { name: string }) => step.name)).toEqual([
    'attach',
    'hello',
    'handshake',
    'certificate',
    'aes',
    'rsa',
    'tampered-record',
    'lost-answer',
    'detach',
  ]);
  for (const step of report.steps) {
    expect(step).toEqual({
      name: expect.any(String),
      ok: true,
      ms: expect.any(Number),
      detail: expect.stringMatching(/./),
    });
  }
});

test('the demo tells a person each step and its time', () => {
  const { status, stdout } = latchkey('demo');
  expect(status).toBe(0);
  expect(stdout).toMatch(/✓ handshake +\d+\.\d ms {2}Noise XX in \d+ packets/);
  expect(stdout.trimEnd().split('\n').at(-1)).toMatch(/^ok: 9 steps in \d+\.\d s$/);
});

test('info tells who the dongle is, to a person and to a program', () => {
  const spoken = latchkey('info', '--emulated', '--flash', 'a.flash', '--serial', 'LK-0001');
  expect(spoken.status).toBe(0);
  expect(spoken.stdout).toMatch(/^serial +LK-0001$/m);
  expect(spoken.stderr).toBe('Made a new dongle in a.flash.\n');
  const { status, stdout } = latchkey('info', '--emulated', '--flash', 'a.flash', '--json');
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toEqual({
    ok: true,
    dongle: {
      vendor: 1,
      serial: 'LK-0001',
      model: 'Emulated Standard',
      capabilities: ['aes', 'rsa', 'ecc', 'memory', 'licenses'],
      minimumProtocol: 1,
      test: true,
      rootName: 'latchkey TEST root',
      face: 'hid',
      // The second binding of this dongle, by the same runtime.
      epoch: 2,
      licensed: true,
      sharing: { verdict: 'unknown', evidence: [expect.objectContaining({ kind: 'unseen' })] },
    },
  });
});

test('info is the same runtime each time, and keeps nothing for a dongle that is gone', () => {
  const state = inFolder('other-state');
  const flash = ['--flash', 'd.flash', '--state', state, '--json'];
  latchkey('info', ...flash);
  const files = readdirSync(state).sort();
  expect(files).toEqual(['key', expect.stringMatching(/^ticket-/)]);
  // Another machine comes after END, which is a takeover; this one is not refused either.
  expect(latchkey('info', '--flash', 'd.flash').status).toBe(0);
  expect(latchkey('info', ...flash).status).toBe(0);
  expect(readdirSync(state).sort()).toEqual(files);
  expect(latchkey('info', '--emulated').status).toBe(0);
  expect(readdirSync(inFolder('state')).sort()).not.toContain('ticket-');
});

test('info says who has the dongle', async () => {
  const serial = `LK-CLI-${process.pid}`;
  const state = inFolder('holder-state');
  latchkey('info', '--flash', 'e.flash', '--serial', serial, '--state', state);
  const [file = ''] = readdirSync(state).filter((name) => name.startsWith('ticket-'));
  const dongle = Buffer.from(file.slice('ticket-'.length), 'hex').toString();
  expect(dongle).toMatch(new RegExp(`^${serial}-[0-9a-f]{16}$`));
  const holder = spawn(process.execPath, [
    await bundle('cli-holder', 'test/host/dongle-holder.ts'),
    ...[dongle, '11'.repeat(32)],
  ]);
  try {
    await once(holder.stdout, 'data');
    expectSentence(
      ['--flash', 'e.flash'],
      new RegExp(`${dongle} is in use by .*\\(process ${holder.pid}, node cli-holder.mjs\\)`),
    );
  } finally {
    holder.kill();
  }
});

test('a key that is damaged is told, and left alone', () => {
  const state = inFolder('damaged-state');
  mkdirSync(state, { mode: 0o700 });
  writeFileSync(join(state, 'key'), 'rust', { mode: 0o600 });
  expectSentence(['--state', state], /key is damaged; put a copy back, or remove it/);
});

// Needs a machine without one.
describe.skipIf((await listDongles()).length > 0)('without a dongle', () => {
  test('list says so and what to do, which is no failure', () => {
    const { status, stdout, stderr } = latchkey('list');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^No dongle is attached: plug one in/);
    const json = latchkey('list', '--json');
    expect(json.status).toBe(0);
    expect(JSON.parse(json.stdout)).toEqual({ ok: true, dongles: [] });
  });

  test.each([[[]], [['--serial', 'LK-1']], [['--face', 'vendor']]])(
    'info %j fails with a sentence',
    (words) => expectSentence(words, /No matching dongle is attached; plug it in/, []),
  );
});

/** One line for a person that says what to do, and a failing exit. */
function expectSentence(words: string[], sentence: RegExp, first = ['--emulated']): void {
  const { status, stdout, stderr } = latchkey('info', ...first, ...words);
  expect(stderr).toMatch(sentence);
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  expect(stdout).toBe('');
  expect(status).toBe(1);
  const json = latchkey('info', ...first, ...words, '--json');
  expect(json.status).toBe(1);
  expect(JSON.parse(json.stdout)).toEqual({
    ok: false,
    error: { code: expect.stringMatching(/^[A-Z_]+$/), message: expect.stringMatching(sentence) },
  });
}

test('a flash file that is not one', () => {
  writeFileSync(inFolder('notes.txt'), 'notes');
  expectSentence(
    ['--flash', 'notes.txt'],
    /notes\.txt is not the flash of a dongle.*Give another file/,
  );
  expect(statSync(inFolder('notes.txt')).size).toBe(5);
  FileFlash.create(inFolder('erased.flash')).close();
  expectSentence(
    ['--flash', 'erased.flash'],
    /not the flash of a latchkey dongle.*Give another file/,
  );
  expectSentence(['--flash', '.'], /Cannot open \.: it is a folder/);
  expectSentence(['--flash', 'none/a.flash'], /Cannot open none\/a\.flash: there is no such file/);
});

test('a certificate under a root that is not trusted', () => {
  writeFileSync(
    inFolder('other.json'),
    JSON.stringify({
      latchkeyRoot: 1,
      name: 'Other root',
      publicKey: toHex(systemRandom(32)),
      test: false,
      vendors: 'any',
    }),
  );
  expectSentence(
    ['--root', 'other.json'],
    /leads to no trusted root.*add its vendor’s root if you trust it/,
  );
});

test('a certificate that is another dongle’s', async () => {
  const dongles = await Promise.all(
    ['LK-0001', 'LK-0002'].map(async (serial) => {
      const flash = new MemoryFlash();
      await manufacture(flash, systemRandom, serial);
      const block = readManufactureBlock(flash);
      if (!block.ok) throw new Error(block.detail);
      return { flash, block: block.value };
    }),
  );
  const [{ flash, block }, other] = dongles as [(typeof dongles)[0], (typeof dongles)[0]];
  const forged = new MemoryFlash();
  writeManufactureBlock(forged, { ...block, chain: other.block.chain });
  // What stands behind the block is as it was.
  const { pageBytes, pageCount } = flash;
  forged.program(pageBytes, flash.read(pageBytes, (pageCount - 1) * pageBytes));
  FileFlash.create(inFolder('forged.flash'), forged).close();
  expectSentence(
    ['--flash', 'forged.flash'],
    /shows the certificate of .*LK-0002.*do not use this dongle/,
  );
});

test('a TEST dongle and a production trust store', () => {
  expectSentence(
    ['--production'],
    /TEST certificate, which a production trust store refuses; use a real dongle/,
  );
});

test('a serial that does not match', () => {
  latchkey('info', '--emulated', '--flash', 'b.flash', '--serial', 'LK-0001');
  expectSentence(
    ['--flash', 'b.flash', '--serial', 'LK-0002'],
    /The attached dongle is LK-0001, not LK-0002; plug in the right one/,
  );
});

test('a root file that is none', () => {
  writeFileSync(inFolder('bad.json'), '{}');
  expectSentence(['--root', 'bad.json'], /bad\.json/);
  expectSentence(['--root', 'none.json'], /Cannot read the root file none\.json; check the path/);
});

test('a serial that no dongle can have makes no file', () => {
  expectSentence(['--flash', 'c.flash', '--serial', 'x'.repeat(33)], /serial/);
  expect(existsSync(inFolder('c.flash'))).toBe(false);
});

test.each([[[]], [['--help']], [['demo', '--help']], [['info', '--help']]])(
  'help for %j',
  (words) => {
    const { status, stdout, stderr } = latchkey(...words);
    expect(stdout + stderr).toContain('Usage: latchkey');
    expect(status).toBe(words.length === 0 ? 2 : 0);
  },
);

test.each([
  [['nonsense']],
  [['demo', '--nonsense']],
  [['info', '--emulated', '--face', 'nonsense']],
])('a wrong command line exits with 2: %j', (words) => {
  const { status, stderr } = latchkey(...words);
  expect(status).toBe(2);
  expect(stderr).toMatch(/^error: .*\n.*--help/);
});

test('prints its version', () => {
  expect(latchkey('--version')).toEqual({
    status: 0,
    stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    stderr: '',
  });
});
