import { describe, expect, test } from 'vitest';
import { storeKeys } from '../../../src/emulator/firmware/store-keys.ts';
import { VirtualClock } from '../../../src/emulator/index.ts';
import { makeReceipt } from '../../../src/protocol/commands/index.ts';
import { apply, bootChip, contextOf, copyOf, newFlash, receiptOf, stored } from './chip.ts';
import { begin, holds, readContext, readReceipt, refusalOf } from './outcomes.ts';
import { sample } from './sample.ts';
import { Shop } from './shop.ts';

describe('a file that answers a context', () => {
  test('applies all its updates, and the receipt tells what has become of the dongle', async () => {
    const { chip, file, updates } = await sample();
    const outcome = await apply(chip, file);
    if ('refused' in outcome) throw new Error(outcome.refused);
    expect(outcome.applied).toBe(2);
    const receipt = await readReceipt(outcome.receipt);
    expect(receipt).toMatchObject({
      serial: 'LK-UPDATES',
      dongle: chip.dongleId,
      state: { vendor: 1, number: 3, last: updates[2].id },
      blocked: 1,
    });
    expect(receipt.licenses).toEqual([
      { vendor: 1, product: 1, state: 'active', usedUnits: 0, unitsLeft: 15 },
      { vendor: 1, product: 2, state: 'active', usedUnits: 0, withdrawn: 1 },
    ]);
  });

  test('changes nothing when it comes again, and gives the same receipt, over a replug as well', async () => {
    const { chip, file } = await sample();
    await apply(chip, file);
    const before = stored(chip);
    const replugged = await bootChip(copyOf(chip.flash));
    for (const again of [chip, replugged]) {
      const outcome = await apply(again, file);
      if ('refused' in outcome) throw new Error(outcome.refused);
      expect(outcome.applied).toBe(0);
      const { state, licenses } = await readReceipt(outcome.receipt);
      expect(state.number).toBe(3);
      expect(licenses.find(({ product }) => product === 2)?.withdrawn).toBe(1);
      expect(stored(again)).toEqual(before);
    }
    expect((await readReceipt(await receiptOf(chip, 1))).licenses).toHaveLength(2);
  });

  test('can be opened no more once the dongle has applied it: its key is gone from the flash', async () => {
    const { chip, file } = await sample();
    const key = chip.ledger.store.get(storeKeys.contextKeys)?.slice() as Uint8Array;
    const one = key.slice(-32);
    expect(holds(chip, one)).toBe(true);
    await apply(chip, file);
    expect(chip.ledger.store.get(storeKeys.contextKeys)).toBeUndefined();
    expect(holds(chip, one)).toBe(false);
  });

  test('is refused after four newer contexts, and not after three', async () => {
    const { chip, file } = await sample();
    for (let i = 0; i < 3; i++) await contextOf(chip);
    const other = await bootChip(copyOf(chip.flash));
    expect(await apply(other, file)).toMatchObject({ applied: 2 });
    await contextOf(chip);
    expect(await refusalOf(chip, file)).toBe('UPDATE_OTHER_CONTEXT');
  });
});

test('a context tells where every vendor stands and what is left, with a key of its own', async () => {
  const { chip, updates, context } = await sample();
  const other = await Shop.open(9);
  await apply(
    chip,
    await other.seal(other.push(chip), [await other.sign(chip.dongleId, [{ nameVendor: 'N' }])]),
  );
  const said = await readContext(await contextOf(chip));
  expect(said.vendors).toMatchObject([
    { vendor: 1, number: 1, last: updates[0].id },
    { vendor: 9, number: 1 },
  ]);
  expect(said.licenses).toMatchObject([{ vendor: 1, product: 2 }]);
  expect(said.oneTimeKey).not.toEqual((await readContext(context)).oneTimeKey);
  expect(said.blocked).toBeUndefined();
});

test('there is no receipt for a vendor that has sent nothing', async () => {
  const { chip } = await begin();
  expect(await chip.call(makeReceipt, { vendor: 1 })).toMatchObject({ code: 'INVALID_ARGUMENT' });
});

test('what a dongle knows of the time is in its context', async () => {
  const clock = new VirtualClock();
  const chip = await bootChip(await newFlash(), { clock });
  await clock.advance(5_000);
  const { poweredMs, time } = await readContext(await contextOf(chip));
  expect([poweredMs, time]).toEqual([5_000, undefined]);
});
