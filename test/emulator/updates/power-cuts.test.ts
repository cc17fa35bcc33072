import { expect, test } from 'vitest';
import { type TearPattern, TornFlash } from '../../../src/emulator/board/torn-flash.ts';
import { type Operation, openReceipt } from '../../../src/protocol/updates/index.ts';
import { testTrust } from '../../support/rig.ts';
import { createRandom, long, seed } from '../../support/seed.ts';
import { apply, bootChip, contextOf, copyOf, stored } from './chip.ts';
import { first, sample, second } from './sample.ts';
import type { Signed } from './shop.ts';

/** What a torn operation may leave: nothing, all, or some of its bits. */
function patterns(): readonly (readonly [string, () => TearPattern])[] {
  const random = createRandom(seed);
  const some = (share: number) => () => () => random.float() < share;
  const randomly = Array.from({ length: long ? 40 : 4 }, (_, i) => {
    return [`random ${i}`, some((i % 4) / 4 + 0.125)] as const;
  });
  return [
    ['nothing', () => () => false],
    ['all', () => () => true],
    ['the first half', () => (bit, count) => bit < count / 2],
    ['the second half', () => (bit, count) => bit >= count / 2],
    ...randomly,
  ];
}

/** Two updates that change most of the store, and pages of memory. */
function large(application: number): readonly [Operation[], Operation[]] {
  const write = (offset: number): Operation => ({
    writeMemory: {
      application,
      area: 'ram1',
      offset,
      data: new Uint8Array(4096).fill(offset >> 8),
    },
  });
  const makeRoom: Operation = {
    putPartition: {
      ...{ application, sizes: [24_576, 0, 0] },
      userPassword: new Uint8Array(16).fill(1),
      administratorPassword: new Uint8Array(16).fill(2),
    },
  };
  return [
    [...first, makeRoom, write(0), write(4096), write(8192)],
    [...second, write(12_288), write(16_384)],
  ];
}

/** A dongle whose flash has been written over and over, so that pages are to be erased. */
async function worn() {
  const { chip, shop, updates } = await sample();
  let last: Signed = updates[0];
  for (let i = 0; i < 12; i++) {
    const [fill] = large(300);
    last = await shop.sign(chip.dongleId, fill.slice(first.length), last);
    const outcome = await apply(chip, await shop.seal(shop.push(chip), [last]));
    if ('refused' in outcome) throw new Error(outcome.refused);
  }
  const context = await contextOf(chip);
  const [one, two] = large(301);
  const next = await shop.sign(chip.dongleId, one, last);
  const file = await shop.seal(await shop.answerTo(context), [
    next,
    await shop.sign(chip.dongleId, two, next),
  ]);
  return { chip, file, number: last.number + 2 };
}

test(`an update is applied whole or not at all, wherever the power goes, SEED=${seed}`, async () => {
  const trust = await testTrust();
  const { chip, file, number } = await worn();
  const start = chip.flash;
  const whole = new TornFlash(copyOf(start));
  const uncut = await bootChip(whole);
  const before = stored(uncut);
  const atBoot = whole.operations;
  expect(await apply(uncut, file)).toMatchObject({ applied: 2 });
  const operations = whole.operations - atBoot;
  const after = stored(uncut);
  expect(Object.keys(after).length - Object.keys(before).length).toBeGreaterThan(15);
  expect(operations).toBeGreaterThan(20);

  const ends = { before: 0, after: 0 };
  for (let operation = 1; operation <= operations; operation++) {
    for (const [name, pattern] of patterns()) {
      const where = `operation ${operation} of ${operations}, torn: ${name}`;
      const flash = new TornFlash(copyOf(start));
      const cut = await bootChip(flash);
      flash.cutAt(operation, pattern());
      expect(await apply(cut, file), where).toHaveProperty('refused');
      expect(flash.powered, where).toBe(false);
      flash.powerOn();
      const again = await bootChip(flash);
      const found = stored(again);
      const isAfter = Object.keys(found).length === Object.keys(after).length;
      expect(found, where).toEqual(isAfter ? after : before);
      ends[isAfter ? 'after' : 'before']++;
      const outcome = await apply(again, file);
      if ('refused' in outcome) throw new Error(`${where}: ${outcome.refused}`);
      expect(outcome.applied, where).toBe(isAfter ? 0 : 2);
      expect(stored(again), where).toEqual(after);
      const receipt = await openReceipt(outcome.receipt, trust);
      if (!receipt.ok) throw new Error(`${where}: ${receipt.detail}`);
      expect(receipt.value.receipt.state.number, where).toBe(number);
      expect(receipt.value.receipt.licenses).toMatchObject([
        { product: 1, unitsLeft: 15 },
        { product: 2, withdrawn: 1 },
      ]);
    }
  }
  console.info(
    `update cut in each of ${operations} flash operations, ${ends.before + ends.after} cuts: ` +
      `${ends.before} as before, ${ends.after} as after, 0 half; SEED=${seed}`,
  );
  expect(ends.before).toBeGreaterThan(0);
  expect(ends.after).toBeGreaterThan(0);
});
