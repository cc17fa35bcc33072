import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { suite } from '#crypto';
import { openRuntime } from '../../src/node.ts';
import { bundle } from '../support/bundle.ts';
import { createRandom, long, seed } from '../support/seed.ts';
import { hold } from './visitor.ts';

const kills = long ? 2_000 : 200;
/** Each folder is used by so many services, one after the other; the first makes the key. */
const livesPerFolder = 4;

let program: string;
let root: string;

beforeAll(async () => {
  program = await bundle('victim', 'test/host/victim.ts');
  root = mkdtempSync(join(tmpdir(), 'latchkey-kills-'));
});

afterAll(() => rmSync(root, { recursive: true }));

/** Starts the service, kills it so long after it has told so many lines, and gives what it has told. */
async function killAfter(lines: number, ms: number, ...words: string[]): Promise<string[]> {
  const child = spawn(process.execPath, [program, ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let told = '';
  const exited = once(child, 'exit');
  const enough = new Promise<void>((resolve) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      told += text;
      if (told.split('\n').length > lines) resolve();
    });
  });
  if (lines > 0) await Promise.race([enough, exited]);
  await delay(ms);
  child.kill('SIGKILL');
  const [, signal] = await exited;
  expect(signal).toBe('SIGKILL');
  // A line cut short was not told.
  return told.split('\n').slice(0, -1);
}

test(`${kills} services killed at any moment lose no key, no ticket and no dongle (SEED=${seed})`, {
  timeout: 1_800_000,
}, async () => {
  const random = createRandom(seed);
  const serial = `LK-KILLS-${process.pid}`;
  const stranger = await suite.generateDhKey();
  let folder = '';
  let key: string | undefined;
  let kept = 0;
  let duringStart = 0;
  let between = 0;
  for (let i = 0; i < kills; i++) {
    if (i % livesPerFolder === 0) {
      folder = join(root, `${i}`);
      key = undefined;
      kept = 0;
    }
    // A part dies while it starts or makes the key, the rest at its first tickets.
    const lines = random.below(4);
    const ms = random.float() * (lines === 0 ? 120 : 8);
    const told = await killAfter(lines, ms, folder, serial, `${kept}`);

    // The dongle is free at once, for another runtime too.
    (await hold(serial, stranger)).release();

    const runtime = await openRuntime({ folder });
    const ours = Buffer.from(runtime.key.publicKey).toString('hex');
    const theirs = told.find((line) => line.startsWith('key '))?.slice(4);
    if (theirs === undefined) duringStart++;
    else key ??= theirs;
    key ??= ours;
    expect(ours).toBe(key);
    if (theirs !== undefined) expect(theirs).toBe(key);

    const acknowledged = Math.max(kept, ...told.filter((line) => /^\d+$/.test(line)).map(Number));
    const ticket = await runtime.ticket(serial);
    const found = ticket === undefined ? 0 : new DataView(ticket.buffer).getUint32(0);
    // That which it was about to tell, or the one that it was at, whole.
    expect(found - acknowledged).toBeGreaterThanOrEqual(0);
    expect(found - acknowledged).toBeLessThanOrEqual(2);
    if (ticket !== undefined) expect(ticket[4]).toBe(found & 0xff);
    if (found > kept) between++;
    kept = found;
    // At most one half-written file is left by each death.
    const left = readdirSync(folder).filter((name) => name.endsWith('.tmp'));
    expect(left.length).toBeLessThanOrEqual(livesPerFolder);
  }
  // Both kinds of moments were among them.
  expect(duringStart).toBeGreaterThan(kills / 50);
  expect(between).toBeGreaterThan(kills / 10);
});

test('services that make the key at once agree on one', { timeout: 60_000 }, async () => {
  const folder = join(root, 'at-once');
  const told = await Promise.all(
    Array.from({ length: 6 }, (_, i) =>
      killAfter(1, 30, folder, `LK-AT-ONCE-${process.pid}-${i}`, '0'),
    ),
  );
  const keys = new Set(told.map(([first]) => first));
  const runtime = await openRuntime({ folder });
  keys.add(`key ${Buffer.from(runtime.key.publicKey).toString('hex')}`);
  expect(keys.size).toBe(1);
});
