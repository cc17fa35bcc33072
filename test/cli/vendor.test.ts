import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  FileFlash,
  largeFlash,
  MemoryFlash,
  manufacture,
  systemRandom,
} from '../../src/emulator/index.ts';
import { bundle } from '../support/bundle.ts';

// One story, told through the command line: each test goes on where the one before it ended.

let program: string;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-'));
  program = await bundle('cli-vendor', 'src/cli/main.ts');
  // A test asks more often in a minute than people do, who would be locked out.
  const attaches = { count: 64, withinMs: 60_000 };
  for (const [name, serial] of [
    ['one.flash', 'LK-1'],
    ['two.flash', 'LK-2'],
  ] as const) {
    const flash = new MemoryFlash(largeFlash);
    await manufacture(flash, systemRandom, serial, { rules: { attaches } });
    FileFlash.create(inFolder(name), flash).close();
  }
});

afterAll(() => rmSync(folder, { recursive: true }));

const inFolder = (name: string) => join(folder, name);
const passphrase = 'a passphrase of these tests';

function latchkey(words: readonly string[], environment: Record<string, string> = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...words], {
    encoding: 'utf8',
    cwd: folder,
    input: '',
    env: {
      ...process.env,
      LATCHKEY_STATE: inFolder('state'),
      LATCHKEY_VENDOR: inFolder('acme'),
      LATCHKEY_PASSPHRASE: passphrase,
      ...environment,
    },
  });
  return { status, stdout, stderr };
}

/** Runs a command that must be done, and gives what it prints as JSON. */
function json(...words: string[]) {
  const { status, stdout, stderr } = latchkey([...words, '--json']);
  expect(stderr).toBe('');
  expect(status, stdout).toBe(0);
  return JSON.parse(stdout);
}

/** Runs a command that must be refused, with its code and a sentence. */
function refused(code: string, sentence: RegExp, words: readonly string[], environment = {}) {
  const spoken = latchkey(words, environment);
  expect(spoken.stderr.trimEnd().split('\n')).toHaveLength(1);
  expect(spoken).toMatchObject({ status: 1, stdout: '', stderr: expect.stringMatching(sentence) });
  const { stdout } = latchkey([...words, '--json'], environment);
  expect(JSON.parse(stdout)).toEqual({
    ok: false,
    error: { code, message: expect.stringMatching(sentence) },
  });
}

function writePlan(...operations: unknown[]): void {
  writeFileSync(inFolder('plan.json'), JSON.stringify({ operations }));
}

const one = ['--flash', 'one.flash'];
const two = ['--flash', 'two.flash'];
const license = { product: 100, text: 'Acme CAD', features: [0, 3], units: 3, secret: 'random:32' };

describe('init', () => {
  test('makes a vendor, and nobody’s keys are overwritten', () => {
    const words = ['vendor', 'init', 'acme', '--vendor', '7', '--name', 'Acme', '--test'];
    expect(json(...words)).toEqual({
      ok: true,
      folder: 'acme',
      vendor: 7,
      name: 'Acme',
      test: true,
      keys: ['issue', 'update', 'time'],
    });
    refused('FILE_FAILED', /keys are never overwritten/, words);
  });

  test('wants a passphrase, from somewhere', () => {
    const words = ['vendor', 'init', 'none', '--vendor', '7', '--name', 'Acme'];
    refused('INVALID_ARGUMENT', /need their passphrase: set LATCHKEY_PASSPHRASE/, words, {
      LATCHKEY_PASSPHRASE: '',
    });
    refused('INVALID_ARGUMENT', /at least 8 characters/, words, { LATCHKEY_PASSPHRASE: 'short' });
    expect(existsSync(inFolder('none'))).toBe(false);
  });
});

describe('a customer buys a license', () => {
  test('and sends a context', () => {
    expect(json('context', ...one, '-o', 'one.lkc')).toMatchObject({
      serial: 'LK-1',
      output: 'one.lkc',
    });
    expect(json('vendor', 'inspect', 'one.lkc').file).toMatchObject({
      kind: 'context',
      serial: 'LK-1',
    });
  });

  test('the plan is shown before anything is signed', () => {
    writePlan({ nameVendor: 'Acme' }, { putLicense: license });
    const words = ['vendor', 'update', '--context', 'one.lkc', '--plan', 'plan.json', '--dry-run'];
    expect(json(...words)).toEqual({
      ok: true,
      serial: 'LK-1',
      dryRun: true,
      changes: ['names the vendor "Acme"', 'puts license 100 "Acme CAD": 3 units, features 0x9'],
    });
    expect(readdirSync(inFolder('acme/ledger'))).toEqual(['lock']);
  });

  test('the update is signed under the passphrase alone', () => {
    const words = [
      'vendor',
      'update',
      '--context',
      'one.lkc',
      '--plan',
      'plan.json',
      '-o',
      'one.lku',
    ];
    refused('INVALID_ARGUMENT', /The passphrase does not open .*update\.key/, words, {
      LATCHKEY_PASSPHRASE: 'another passphrase',
    });
    expect(existsSync(inFolder('one.lku'))).toBe(false);
    writeFileSync(inFolder('words'), `${passphrase}\n`);
    const { status, stdout } = latchkey([...words, '--passphrase-file', 'words'], {
      LATCHKEY_PASSPHRASE: '',
    });
    expect(status).toBe(0);
    expect(stdout).toMatch(
      /^Update 1 for dongle LK-1:\n {2}names the vendor "Acme"\n {2}puts license 100/,
    );
    expect(json('vendor', 'inspect', 'one.lku').file).toMatchObject({
      kind: 'update',
      vendor: 7,
      answers: 'context',
      serial: 'LK-1',
      updates: [
        { number: 1, changes: [expect.any(String), expect.stringContaining('license 100')] },
      ],
    });
  });

  test('applies it, and hears what has changed', () => {
    const { status, stdout } = latchkey(['apply', 'one.lku', ...one, '-o', 'one.lkr']);
    expect(status).toBe(0);
    expect(stdout).toBe(
      [
        'Applied 1 update to dongle LK-1.',
        '  new: Acme, license 100 "Acme CAD": 3 units left, features 0x9',
        'The receipt is in one.lkr; send it to the vendor.',
        '',
      ].join('\n'),
    );
    expect(json('apply', 'one.lku', ...one)).toMatchObject({ applied: 0, changes: [] });
    expect(json('licenses', ...one).licenses).toMatchObject([
      { vendor: 7, vendorName: 'Acme', product: 100, text: 'Acme CAD', unitsLeft: 3, features: 9 },
    ]);
  });

  test('and the vendor knows by the receipt, also by one that was made again', () => {
    expect(json('receipt', '--vendor', '7', ...one, '-o', 'again.lkr')).toMatchObject({
      serial: 'LK-1',
    });
    expect(json('vendor', 'confirm', 'again.lkr')).toEqual({
      ok: true,
      serial: 'LK-1',
      number: 1,
      news: [1],
      moves: [],
    });
    expect(json('vendor', 'confirm', 'one.lkr')).toMatchObject({ news: [] });
    refused('INVALID_ARGUMENT', /nothing to send: dongle LK-1 has all its updates/, [
      'vendor',
      'update',
      '--dongle',
      'LK-1',
      '-o',
      'none.lku',
    ]);
  });
});

describe('an update without a context', () => {
  test('contains what was never confirmed', () => {
    writePlan({ addUnits: { product: 100, units: 10 } });
    const words = ['vendor', 'update', '--dongle', 'LK-1', '--plan', 'plan.json', '-o'];
    expect(json(...words, 'lost.lku')).toMatchObject({ numbers: [2] });
    expect(json(...words, 'both.lku')).toMatchObject({
      numbers: [2, 3],
      changes: [
        'adds 10 units to license 100 (update 2, sent again)',
        'adds 10 units to license 100',
      ],
    });
    expect(json('apply', 'both.lku', ...one, '-o', 'one.lkr')).toMatchObject({
      applied: 2,
      changes: ['changed: Acme, license 100 "Acme CAD": 23 units left, features 0x9'],
    });
    expect(json('vendor', 'confirm', 'one.lkr')).toMatchObject({ number: 3, news: [2, 3] });
  });

  test('is refused by another dongle, and altered by the right one', () => {
    refused('UPDATE_OTHER_DONGLE', /another dongle/, ['apply', 'both.lku', ...two]);
    const altered = readFileSync(inFolder('both.lku'));
    altered[altered.length - 1] = (altered.at(-1) as number) ^ 1;
    writeFileSync(inFolder('altered.lku'), altered);
    refused('UPDATE_INVALID', /damaged or was altered/, ['apply', 'altered.lku', ...one]);
  });
});

describe('a license moves to another dongle', () => {
  test('once the receipt of its withdrawal has come, with what was left', () => {
    writePlan({ moveLicense: { product: 100, to: 'LK-2' } });
    expect(
      json('vendor', 'update', '--dongle', 'LK-1', '--plan', 'plan.json', '-o', 'move.lku').changes,
    ).toEqual(['takes license 100 away, to be issued on LK-2 once the receipt is confirmed']);
    json('context', ...two, '-o', 'two.lkc');
    const arrive = ['vendor', 'update', '--context', 'two.lkc', '-o', 'two.lku'];
    refused('INVALID_ARGUMENT', /nothing to send: dongle LK-2/, arrive);
    expect(json('apply', 'move.lku', ...one, '-o', 'move.lkr').changes).toEqual([
      expect.stringMatching(/^gone: Acme, license 100/),
    ]);
    refused('INVALID_ARGUMENT', /nothing to send: dongle LK-2/, arrive);
    expect(json('vendor', 'confirm', 'move.lkr').moves).toMatchObject([
      { product: 100, to: 'LK-2', left: { unitsLeft: 23 } },
    ]);
    expect(json(...arrive)).toMatchObject({ serial: 'LK-2', numbers: [1] });
    expect(json('apply', 'two.lku', ...two)).toMatchObject({ applied: 1 });
    expect(json('licenses', ...two).licenses).toMatchObject([{ product: 100, unitsLeft: 23 }]);
    expect(json('licenses', ...one).licenses).toEqual([]);
  });
});

test('another ledger’s updates are told from one’s own', () => {
  json('vendor', 'init', 'other', '--vendor', '7', '--name', 'Acme', '--test');
  json('context', ...one, '-o', 'one.lkc');
  writePlan({ setSeats: { application: 20, seats: 2 } });
  refused('UPDATE_FORKED', /Dongle LK-1 has had update 4, and this ledger has issued 0/, [
    'vendor',
    'update',
    '--folder',
    'other',
    '--context',
    'one.lkc',
    '--plan',
    'plan.json',
    '-o',
    'x.lku',
  ]);
  refused('UPDATE_FORKED', /use the ledger that issued it/, [
    'vendor',
    'confirm',
    '--folder',
    'other',
    'move.lkr',
  ]);
});

test('certify, revoke, time and inspect tell what they have made', () => {
  const [name = ''] = readdirSync(inFolder('acme/ledger')).filter((each) =>
    each.startsWith('LK-1-'),
  );
  const [first = ''] = readFileSync(inFolder(`acme/ledger/${name}`), 'utf8').split('\n');
  const { staticKey, signingKey } = JSON.parse(first);
  const swapped = { staticKey: `hex:${signingKey}`, signingKey: `hex:${staticKey}` };
  writeFileSync(
    inFolder('new.json'),
    JSON.stringify({ serial: 'LK-9', model: 'Standard', ...swapped, capabilities: ['aes'] }),
  );
  expect(json('vendor', 'certify', 'new.json', '-o', 'new.chain')).toMatchObject({
    serial: 'LK-9',
  });
  expect(json('vendor', 'inspect', 'new.chain').file).toMatchObject({
    kind: 'chain',
    vendor: 7,
    serial: 'LK-9',
    issuer: 'Acme (issue)',
    test: true,
  });
  const { path, number } = json('vendor', 'revoke', 'LK-9', 'LK-8');
  expect(number).toBe(1);
  expect(json('vendor', 'inspect', path).file).toMatchObject({
    kind: 'revocations',
    number: 1,
    dongles: [{ serial: 'LK-9' }, { serial: 'LK-8' }],
  });
  const nonce = '00112233445566778899aabbccddeeff';
  json('vendor', 'time', '--dongle', 'LK-1', '--nonce', nonce, '-o', 'now.lkt');
  expect(json('vendor', 'inspect', 'now.lkt').file).toMatchObject({
    kind: 'time',
    serial: 'LK-1',
    nonce,
  });
  refused('UPDATE_INVALID', /This is no context, update, receipt/, [
    'vendor',
    'inspect',
    'plan.json',
  ]);
});

test('secrets are in files that are the owner’s alone, and never on the screen', () => {
  const { stdout } = latchkey(['vendor', 'inspect', 'one.lku', '--json']);
  const secrets = readdirSync(inFolder('acme/ledger'))
    .map((name) => readFileSync(inFolder(`acme/ledger/${name}`), 'utf8'))
    .flatMap((text) => [...text.matchAll(/"secret":"hex:([0-9a-f]{64})"/g)].map(([, hex]) => hex));
  expect(secrets.length).toBeGreaterThan(0);
  for (const secret of secrets) expect(stdout).not.toContain(secret);
  for (const name of readdirSync(inFolder('acme/ledger'))) {
    expect(statSync(inFolder(`acme/ledger/${name}`)).mode & 0o077, name).toBe(0);
  }
});

test.each([
  [['vendor', 'update', '--plan', 'plan.json', '-o', 'x']],
  [['vendor', 'update', '--context', 'a', '--dongle', 'b', '-o', 'x']],
  [['vendor', 'update', '--dongle', 'LK-1']],
  [['vendor', 'init', 'x', '--vendor', 'seven', '--name', 'Acme']],
  [['vendor', 'time', '--dongle', 'LK-1', '--nonce', '00', '-o', 'x']],
  [['receipt', '--flash', 'one.flash']],
  [['apply']],
])('a wrong command line exits with 2: %j', (words) => {
  const { status, stderr } = latchkey(words);
  expect(status).toBe(2);
  expect(stderr).toMatch(/^error: .*\n.*--help/);
});

test.each([
  [['vendor', '--help']],
  ...['init', 'certify', 'update', 'confirm', 'inspect', 'revoke', 'time', 'take-back'].map(
    (verb) => [['vendor', verb, '--help']],
  ),
  ...['context', 'apply', 'receipt', 'licenses'].map((verb) => [[verb, '--help']]),
])('help for %j', (words) => {
  const { status, stdout } = latchkey(words);
  expect(status).toBe(0);
  expect(stdout).toContain(`Usage: latchkey ${words.slice(0, -1).join(' ')}`);
});
