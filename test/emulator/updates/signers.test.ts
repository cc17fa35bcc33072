import { describe, expect, test } from 'vitest';
import { suite } from '#crypto';
import { apply, bootChip, contextOf, newFlash } from './chip.ts';
import { begin, readContext, refusalOf } from './outcomes.ts';
import { sample } from './sample.ts';
import { Shop } from './shop.ts';

describe('who may send updates', () => {
  test('one for another dongle is refused, be it the file or what is in it', async () => {
    const { chip, shop, file, updates } = await sample();
    const other = await bootChip(await newFlash('LK-OTHER'));
    expect(await refusalOf(other, file)).toBe('UPDATE_OTHER_DONGLE');
    // Whoever has opened it cannot seal it to another dongle.
    const resealed = await shop.seal(shop.push(other), [updates[0]]);
    expect(await refusalOf(other, resealed)).toBe('UPDATE_OTHER_DONGLE');
    expect(await apply(chip, file)).toMatchObject({ applied: 2 });
  });

  test.each([
    ['a key for other things', () => Shop.open(1, { purpose: 'issue' })],
    ['a key for the time', () => Shop.open(1, { purpose: 'time' })],
    ['the key of another vendor', () => Shop.open(1, { vendors: [2] })],
    [
      'a key under another root',
      async () => Shop.open(1, { root: await suite.importSigningKey(new Uint8Array(32).fill(9)) }),
    ],
  ])('%s signs no updates', async (_name, open) => {
    const { chip } = await begin();
    const shop = await open();
    const update = await shop.sign(chip.dongleId, [{ nameVendor: 'Mallory' }]);
    const file = await shop.seal(shop.push(chip), [update]);
    expect(await refusalOf(chip, file)).toBe('UPDATE_UNTRUSTED');
  });

  test('an update of one vendor in a file of another is refused', async () => {
    const { chip, shop } = await begin();
    const update = await shop.sign(chip.dongleId, [{ nameVendor: 'x' }], undefined, { vendor: 2 });
    expect(await refusalOf(chip, await shop.seal(shop.push(chip), [update]))).toBe(
      'UPDATE_UNTRUSTED',
    );
  });

  test('a signature by another key than the certified one is refused', async () => {
    const { chip, shop } = await begin();
    const key = await suite.importSigningKey(new Uint8Array(32).fill(9));
    const update = await shop.sign(chip.dongleId, [{ nameVendor: 'x' }], undefined, {}, key);
    expect(await refusalOf(chip, await shop.seal(shop.push(chip), [update]))).toBe(
      'UPDATE_UNTRUSTED',
    );
  });

  test('eight vendors have room, and the ninth is refused', async () => {
    const { chip } = await begin();
    for (let vendor = 1; vendor <= 9; vendor++) {
      const shop = await Shop.open(vendor);
      const update = await shop.sign(chip.dongleId, [{ nameVendor: `vendor ${vendor}` }]);
      const outcome = await apply(chip, await shop.seal(shop.push(chip), [update]));
      if (vendor <= 8) expect(outcome).toMatchObject({ applied: 1 });
      else expect(outcome).toEqual({ refused: 'UPDATE_IMPOSSIBLE' });
    }
    expect((await readContext(await contextOf(chip))).vendors).toHaveLength(8);
  });
});
