import { describe, expect, test } from 'vitest';
import { apply, receiptOf } from './chip.ts';
import { begin, readReceipt, refusalOf } from './outcomes.ts';
import { sample } from './sample.ts';
import type { Signed } from './shop.ts';

describe('updates are numbered and chained', () => {
  test('those that the dongle has had are skipped, and those that it missed are applied', async () => {
    const { chip, shop, updates } = await sample();
    const outcome = await apply(chip, await shop.seal(shop.push(chip), updates));
    expect(outcome).toMatchObject({ applied: 2 });
  });

  test('a context from before another update converges with it', async () => {
    const { chip, shop, updates, context } = await sample();
    await apply(chip, await shop.seal(shop.push(chip), [updates[1]]));
    const stale = await shop.seal(await shop.answerTo(context), [updates[1], updates[2]]);
    expect(await apply(chip, stale)).toMatchObject({ applied: 1 });
    expect((await readReceipt(await receiptOf(chip, 1))).state.number).toBe(3);
  });

  test('one that comes before its turn is a gap', async () => {
    const { chip, shop, updates } = await sample();
    expect(await refusalOf(chip, await shop.seal(shop.push(chip), [updates[2]]))).toBe(
      'UPDATE_GAP',
    );
  });

  test('another one with the number of the last is a fork', async () => {
    const { chip, shop } = await sample();
    const twin = await shop.sign(chip.dongleId, [{ nameVendor: 'Twin' }]);
    expect(await refusalOf(chip, await shop.seal(shop.push(chip), [twin]))).toBe('UPDATE_FORKED');
  });

  test('the next one after another history is a fork', async () => {
    const { chip, shop } = await sample();
    const twin = await shop.sign(chip.dongleId, [{ nameVendor: 'Twin' }]);
    const next = await shop.sign(chip.dongleId, [{ nameVendor: 'Next' }], twin);
    expect(await refusalOf(chip, await shop.seal(shop.push(chip), [next]))).toBe('UPDATE_FORKED');
    const both = await shop.seal(shop.push(chip), [twin, next]);
    expect(await refusalOf(chip, both)).toBe('UPDATE_FORKED');
  });

  test.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'a fork %i updates back is told from a repeat',
    async (back) => {
      const { chip, shop } = await begin();
      const chain: Signed[] = [];
      for (let i = 0; i < 10; i++) {
        chain.push(await shop.sign(chip.dongleId, [{ nameVendor: `${i}` }], chain.at(-1)));
      }
      expect(await apply(chip, await shop.seal(shop.push(chip), chain))).toMatchObject({
        applied: 10,
      });
      const at = chain.length - back;
      const twin = await shop.sign(chip.dongleId, [{ nameVendor: 'twin' }], chain[at - 1]);
      expect(await refusalOf(chip, await shop.seal(shop.push(chip), [twin]))).toBe('UPDATE_FORKED');
      const repeat = await shop.seal(shop.push(chip), chain.slice(at));
      expect(await refusalOf(chip, repeat)).toBe(0);
    },
  );

  test('updates in a wrong order, twice, or with a hole are not applied', async () => {
    const { chip, shop, updates } = await sample();
    const [zeroth, one, two] = updates;
    for (const order of [
      [two, one],
      [one, one],
      [zeroth, two],
      [one, two, two],
    ]) {
      const code = await refusalOf(chip, await shop.seal(shop.push(chip), order));
      expect(['UPDATE_INVALID', 'UPDATE_GAP']).toContain(code);
    }
  });
});
