import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { suite } from '#crypto';
import {
  Logins,
  putPassword,
  restoreTries,
  triesLeft,
  tryPassword,
} from '../../../src/emulator/firmware/memory/index.ts';
import {
  type ChipOperation,
  chipTimes,
  chipTimeUs,
  MemoryFlash,
  MeteredFlash,
  seededRandom,
  smallFlash,
  TornFlash,
} from '../../../src/emulator/index.ts';
import { seededTearPatterns } from '../../powercut/tear-patterns.ts';
import { createRandom, seed } from '../../support/seed.ts';
import {
  application,
  bootChip,
  type Chip,
  flashWithPartition,
  passwords,
  wrongPassword,
} from './chip.ts';

const locked = { ok: false, code: 'PASSWORD_LOCKED' };
const wrong = { ok: false, code: 'PASSWORD_WRONG' };

const attempt = ({ ledger }: Chip, password: Uint8Array) =>
  tryPassword(ledger, 0, 'user', password);
const left = ({ ledger }: Chip) => triesLeft(ledger.store, 0, 'user');

/** How often the chip has compared a password, or could have: each time it computed its digest. */
let compared = 0;
/** Hears of each hash. */
let hashed: (blocks: number) => void = () => {};

beforeEach(() => {
  const { hmacSha256 } = suite;
  vi.spyOn(suite, 'hmacSha256').mockImplementation((key, data) => {
    compared++;
    // RFC 2104: the inner hash is of a block and the data, the outer one of a block and a digest.
    hashed(Math.ceil((64 + data.length + 9) / 64) + 2);
    return hmacSha256(key, data);
  });
});

afterEach(() => {
  vi.restoreAllMocks();
  hashed = () => {};
});

test('ten wrong tries in a row lock a password, for the right one too and over a replug', () => {
  const flash = flashWithPartition(smallFlash);
  let chip = bootChip(flash);
  for (let tries = 9; tries >= 0; tries--) {
    expect(attempt(chip, wrongPassword)).toEqual(wrong);
    expect(left(chip)).toBe(tries);
    if (tries % 3 === 0) chip = bootChip(flash);
  }
  compared = 0;
  expect(attempt(chip, passwords.user)).toEqual(locked);
  expect(attempt(bootChip(flash), passwords.user)).toEqual(locked);
  expect(compared).toBe(0);
});

test('a right try gives all tries back', () => {
  const chip = bootChip(flashWithPartition(smallFlash));
  for (let i = 0; i < 9; i++) attempt(chip, wrongPassword);
  expect(left(chip)).toBe(1);
  expect(attempt(chip, passwords.user).ok).toBe(true);
  expect(left(chip)).toBe(10);
});

test('the passwords of user and administrator have tries of their own, and are not each other’s', () => {
  const chip = bootChip(flashWithPartition(smallFlash));
  expect(attempt(chip, passwords.administrator)).toEqual(wrong);
  for (let i = 0; i < 9; i++) attempt(chip, wrongPassword);
  expect(left(chip)).toBe(0);
  expect(triesLeft(chip.ledger.store, 0, 'administrator')).toBe(10);
  expect(tryPassword(chip.ledger, 0, 'administrator', passwords.administrator).ok).toBe(true);
  const draft = chip.ledger.draft();
  restoreTries(draft, 0, 'user');
  expect(chip.ledger.commit(draft.changes)).toBe(true);
  expect(attempt(chip, passwords.user).ok).toBe(true);
});

test('a password is not in the flash, and two that are the same are stored unlike each other', () => {
  const flash = flashWithPartition(smallFlash);
  const chip = bootChip(flash);
  const password = seededRandom('password')(16);
  const stored = [1, 2].map((i) => {
    const draft = chip.ledger.draft();
    putPassword(draft, seededRandom(`salt ${i}`), 0, 'user', password);
    chip.ledger.commit(draft.changes);
    const logins = new Logins(chip.ledger.store);
    logins.set(application, 'user');
    return { logins, image: Buffer.from(flash.read(0, flash.pageBytes * flash.pageCount)) };
  });
  for (const { image } of stored) expect(image.indexOf(password.subarray(0, 8))).toBe(-1);
  expect(stored.map(({ logins }) => logins.get(application))).toEqual([undefined, 'user']);
});

/** Small pages, so that some of the commits begin one and reclaim another. */
const geometry = { pageBytes: 512, pageCount: 8 };

const patterns = seededTearPatterns(seed);

/** A chip that boots again whenever its power has been cut. */
class Unplugged {
  readonly torn: TornFlash;
  chip: Chip;
  cuts = 0;

  constructor(cells: MemoryFlash) {
    this.torn = new TornFlash(cells);
    this.chip = bootChip(this.torn);
  }

  /** A try; undefined where the power was cut in it. */
  attempt(password: Uint8Array): string | undefined {
    const reply = attempt(this.chip, password);
    if (this.torn.powered) return reply.ok ? 'right' : reply.code;
    expect(this.chip.power.on).toBe(false);
    this.torn.powerOn();
    this.chip = bootChip(this.torn);
    this.cuts++;
    return undefined;
  }
}

test.each(patterns)(
  `wherever the power is cut, no more than ten wrong guesses are compared: %s is torn, SEED=${seed}`,
  (_, pattern) => {
    const image = flashWithPartition(geometry);
    let cuts = 0;
    for (let operation = 1; ; operation++) {
      const cells = new MemoryFlash(geometry, { image: image.read(0, 512 * 8) });
      const device = new Unplugged(cells);
      device.torn.cutAt(operation, pattern);
      compared = 0;
      for (;;) {
        const before = left(device.chip);
        const result = device.attempt(wrongPassword);
        if (result === 'PASSWORD_LOCKED') break;
        // A try is lost before it is compared; a cut loses no more than the try that it is in.
        const after = left(device.chip);
        if (result === undefined) expect([before - 1, before]).toContain(after);
        else expect([result, after]).toEqual(['PASSWORD_WRONG', before - 1]);
      }
      expect(compared).toBeLessThanOrEqual(10);
      expect(compared).toBeGreaterThanOrEqual(10 - device.cuts);
      expect(device.attempt(passwords.user)).toBe('PASSWORD_LOCKED');
      if (device.cuts === 0) break;
      cuts++;
    }
    // Two commits for each of ten tries, and each programs at least twice.
    expect(cuts).toBeGreaterThanOrEqual(40);
  },
);

test(`whoever pulls the plug again and again gains no guess, SEED=${seed}`, () => {
  const random = createRandom(seed);
  const image = flashWithPartition(geometry);
  let cuts = 0;
  for (let life = 0; life < 300; life++) {
    const cells = new MemoryFlash(geometry, { image: image.read(0, 512 * 8) });
    const device = new Unplugged(cells);
    compared = 0;
    let guesses = 0;
    let result: string | undefined;
    while (result !== 'PASSWORD_LOCKED') {
      device.torn.cutAt(1 + random.below(12), () => random.below(2) === 0);
      const isRight = random.below(8) === 0;
      const before = left(device.chip);
      result = device.attempt(isRight ? passwords.user : wrongPassword);
      const after = left(device.chip);
      if (isRight) {
        // Cut short, it may have given the tries back or not.
        if (result === undefined) expect([before - 1, before, 10]).toContain(after);
        if (after === 10) compared = guesses = 0;
      } else {
        expect(after).toBeLessThanOrEqual(before);
        guesses = compared;
        expect(guesses).toBeLessThanOrEqual(10);
      }
    }
    cuts += device.cuts;
  }
  expect(cuts).toBeGreaterThan(300);
});

/** What a try does that can be seen from outside, and how it ends. */
function traced(image: Uint8Array, password: Uint8Array, pageBytes: number) {
  const cells = new MemoryFlash({ pageBytes, pageCount: image.length / pageBytes }, { image });
  const trace: ChipOperation[] = [];
  const chip = bootChip(new MeteredFlash(cells, (operation) => trace.push(operation)));
  trace.length = 0;
  hashed = (blocks) => trace.push({ kind: 'sha256', blocks });
  const reply = attempt(chip, password);
  const timeUs = trace.reduce((sum, operation) => sum + chipTimeUs(operation), 0);
  return { reply, trace, timeUs, image: cells.read(0, image.length) };
}

test(`a wrong and a right password look the same from outside, SEED=${seed}`, () => {
  const random = createRandom(seed);
  const { pageBytes } = geometry;
  let image = flashWithPartition(geometry).read(0, pageBytes * geometry.pageCount);
  const times = new Set<number>();
  let erases = 0;
  for (let i = 0; i < 400; i++) {
    // One wrong byte, at any place, or all: the same again.
    const nearly = passwords.user.slice();
    nearly[random.below(16)] = 0;
    const right = traced(image, passwords.user, pageBytes);
    const guesses = [nearly, wrongPassword].map((guess) => traced(image, guess, pageBytes));
    expect(right.reply.ok).toBe(true);
    for (const guess of guesses) {
      expect(guess.reply).toEqual(wrong);
      expect(guess.trace).toEqual(right.trace);
      expect(guess.timeUs).toBe(right.timeUs);
    }
    times.add(right.timeUs);
    erases += right.trace.filter(({ kind }) => kind === 'erase').length;
    // The flash goes on from either, with whatever number of tries is left.
    image = (random.below(2) === 0 || i % 9 === 0 ? right : (guesses[0] ?? right)).image;
    if (left(bootChip(new MemoryFlash(geometry, { image }))) < 2) image = right.image;
  }
  // It has seen pages being begun and reclaimed.
  expect(erases).toBeGreaterThan(20);
  expect(times.size).toBeGreaterThan(1);
  const least = 4 * chipTimes.sha256BlockUs;
  for (const timeUs of times) expect(timeUs).toBeGreaterThan(least);
});
