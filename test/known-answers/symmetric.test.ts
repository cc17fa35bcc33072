import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  EmulatedDongle,
  LoopbackPort,
  largeFlash,
  MemoryFlash,
  manufacture,
  systemRandom,
} from '../../src/emulator/index.ts';
import { connect, type Dongle } from '../../src/index.ts';
import { testTrust } from '../support/rig.ts';
import origin from '../vectors/nist/symmetric.json' with { type: 'json' };
import { type Check, checks } from './symmetric-checks.ts';
import { readVectors, type Vector } from './vector-file.ts';

/** Where the sessions are, which work at once. */
const faces = ['vendor', 'hid', 'hid'] as const;

const port = new LoopbackPort(new EmulatedDongle({ flash: await madeFlash() }));
let dongles: Dongle[] = [];

beforeAll(async () => {
  await port.plug();
  const trust = await testTrust();
  for (const face of faces) dongles.push(await connect(port.source(face), { trust }));
});

afterAll(async () => {
  for (const dongle of dongles) await dongle.close();
  dongles = [];
  port.unplug();
});

async function madeFlash(): Promise<MemoryFlash> {
  const flash = new MemoryFlash(largeFlash);
  await manufacture(flash, systemRandom, 'LK-KNOWN');
  return flash;
}

interface Count {
  readonly name: string;
  readonly run: number;
  readonly excluded: Readonly<Record<string, number>>;
}

/** All vectors of a file, and how many of them there were. */
async function runFile(
  file: string,
  leftOut: Record<string, number>,
  check: Check,
): Promise<Count> {
  const vectors = readVectors(file);
  const excluded = { ...leftOut };
  let run = 0;
  let next = 0;
  await Promise.all(
    dongles.map(async (dongle) => {
      for (let i = next++; i < vectors.length; i = next++) {
        const vector = vectors[i] as Vector;
        const label = `${file} ${vector.section} ${vector.values.get('count') ?? i}`;
        const outcome = await check(dongle, vector).catch((cause: unknown) => {
          throw new Error(`${label}: ${String(cause)}`, { cause });
        });
        if (outcome === undefined) run++;
        else excluded[outcome.reason] = (excluded[outcome.reason] ?? 0) + 1;
      }
    }),
  );
  return { name: file, run, excluded };
}

interface OriginFile {
  readonly file: string;
  /** In the original. */
  readonly vectors: number;
  /** Those that are not in our copy, by their reasons. */
  readonly leftOut?: Readonly<Record<string, number>>;
}

const sum = (numbers: Readonly<Record<string, number>>) =>
  Object.values(numbers).reduce((all, one) => all + one, 0);

/** How many vectors of each folder there are to run, and how many not. */
const folders: readonly Count[] = [
  { name: 'ciphers/AES/ECB', run: 2138, excluded: {} },
  { name: 'ciphers/AES/CBC', run: 2138, excluded: {} },
  {
    name: 'ciphers/AES/CFB',
    run: 2138,
    excluded: { 'CFB of 1 bit is not offered': 2138, 'CFB of 8 bits is not offered': 2138 },
  },
  { name: 'ciphers/AES/CTR', run: 9, excluded: {} },
  {
    name: 'ciphers/AES/GCM',
    run: 6750,
    excluded: { 'tags shorter than 128 bits are not offered': 40_500 },
  },
  { name: 'CMAC', run: 12, excluded: { 'CMAC with triple DES is not offered': 8 } },
  {
    name: 'HMAC',
    run: 12,
    excluded: { 'the hash is not offered': 27, 'the key is longer than 128 bytes': 6 },
  },
  { name: 'KDF', run: 4, excluded: { 'the hash is not offered': 4 } },
];

test.each(folders)('the dongle gives the known answers in $name', async (expected) => {
  const files = (origin as readonly OriginFile[]).filter(({ file }) =>
    file.startsWith(`${expected.name}/`),
  );
  const excluded: Record<string, number> = {};
  let run = 0;
  for (const { file, vectors, leftOut = {} } of files) {
    const count =
      sum(leftOut) === vectors
        ? { run: 0, excluded: leftOut }
        : await runFile(
            file,
            leftOut,
            checks.find(([beginning]) => file.startsWith(beginning))?.[1] as Check,
          );
    expect(count.run + sum(count.excluded), file).toBe(vectors);
    run += count.run;
    for (const [reason, number] of Object.entries(count.excluded)) {
      excluded[reason] = (excluded[reason] ?? 0) + number;
    }
  }
  const count = { name: expected.name, run, excluded };
  console.info(JSON.stringify(count));
  expect(count).toEqual(expected);
});
