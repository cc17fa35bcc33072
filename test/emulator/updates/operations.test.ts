import { describe, expect, test } from 'vitest';
import type { Operation } from '../../../src/protocol/updates/index.ts';
import { apply, bootChip, newFlash } from './chip.ts';
import { begin, holds, readReceipt, refusalOf } from './outcomes.ts';
import { Shop, type Signed } from './shop.ts';

describe('operations', () => {
  const passwords = {
    userPassword: new Uint8Array(16),
    administratorPassword: new Uint8Array(16),
  };
  const partition = (application: number): Operation => ({
    putPartition: { application, sizes: [512, 0, 0], ...passwords },
  });
  const key = { type: 'aes128', key: new Uint8Array(16).fill(6) } as const;

  test.each<readonly [string, readonly Operation[]]>([
    ['a license that is not there', [{ addUnits: { product: 5, units: 1 } }]],
    [
      'an area that is too short',
      [
        partition(50),
        { writeMemory: { application: 50, area: 'ram1', offset: 500, data: new Uint8Array(13) } },
      ],
    ],
    ['a partition of the system', [partition(5)]],
    [
      'more memory than there is',
      [{ putPartition: { application: 50, sizes: [65_536, 512, 0], ...passwords } }],
    ],
    ['a key without a partition', [{ setKey: { application: 50, key: 0x100, material: key } }]],
    [
      'a key of no number',
      [partition(50), { setKey: { application: 50, key: 0x8000, material: key } }],
    ],
    [
      'a password of nobody',
      [{ setPassword: { application: 50, role: 'user', password: new Uint8Array(16) } }],
    ],
    [
      'a weak key',
      [
        partition(50),
        {
          setKey: {
            application: 50,
            key: 0x100,
            material: { type: 'x25519', key: new Uint8Array(32) },
          },
        },
      ],
    ],
  ])('%s makes the whole file impossible', async (_name, operations) => {
    const { chip, shop } = await begin();
    const good = await shop.sign(chip.dongleId, [{ nameVendor: 'good' }, partition(60)]);
    const bad = await shop.sign(chip.dongleId, operations, good);
    const file = await shop.seal(shop.push(chip), [good, bad]);
    expect(await refusalOf(chip, file)).toBe('UPDATE_IMPOSSIBLE');
    expect(await apply(chip, await shop.seal(shop.push(chip), [good]))).toMatchObject({
      applied: 1,
    });
  });

  test.each<readonly [string, Operation]>([
    ['no operation at all', {}],
    ['two in one', { nameVendor: 'x', setBlocked: true }],
  ])('%s is no update', async (_name, operation) => {
    const { chip, shop } = await begin();
    const update = await shop.sign(chip.dongleId, [partition(60), operation]);
    expect(await refusalOf(chip, await shop.seal(shop.push(chip), [update]))).toBe(
      'UPDATE_INVALID',
    );
  });

  test.each<readonly [string, Operation]>([
    ['block the dongle', { setBlocked: true }],
    ['change its partition', partition(60)],
    ['remove its partition', { removePartition: { application: 60 } }],
    [
      'set a password of it',
      { setPassword: { application: 60, role: 'user', password: new Uint8Array(16) } },
    ],
    [
      'write to its memory',
      { writeMemory: { application: 60, area: 'ram1', offset: 0, data: new Uint8Array(1) } },
    ],
    ['set a key of it', { setKey: { application: 60, key: 0x101, material: key } }],
    ['remove a key of it', { removeKey: { key: 0x100 } }],
    ['set its seats', { setSeats: { application: 60, seats: 9 } }],
    ['add units to its license', { addUnits: { product: 7, units: 1 } }],
    ['withdraw its license', { withdrawLicense: { product: 7 } }],
  ])('another vendor cannot %s', async (_name, operation) => {
    const { chip, shop } = await begin();
    const own = await shop.sign(chip.dongleId, [
      partition(60),
      { setKey: { application: 60, key: 0x100, material: key } },
      { putLicense: { product: 7, units: 1 } },
    ]);
    expect(await apply(chip, await shop.seal(shop.push(chip), [own]))).toMatchObject({
      applied: 1,
    });
    const other = await Shop.open(2);
    const update = await other.sign(chip.dongleId, [operation]);
    const file = await other.seal(other.push(chip), [update]);
    expect(await refusalOf(chip, file)).toBe('UPDATE_IMPOSSIBLE');
    // The vendor itself may.
    const same = await shop.sign(chip.dongleId, [operation], own);
    expect(await apply(chip, await shop.seal(shop.push(chip), [same]))).toMatchObject({
      applied: 1,
    });
  });

  test('another vendor sets the seats of its own partition', async () => {
    const { chip } = await begin();
    const other = await Shop.open(2);
    const update = await other.sign(chip.dongleId, [
      partition(70),
      { setSeats: { application: 70, seats: 2 } },
    ]);
    expect(await apply(chip, await other.seal(other.push(chip), [update]))).toMatchObject({
      applied: 1,
    });
  });

  test('a partition takes its keys with it', async () => {
    const { chip, shop } = await begin();
    const secret = new Uint8Array(16).fill(0xb7);
    const one = await shop.sign(chip.dongleId, [
      partition(60),
      { setKey: { application: 60, key: 0x100, material: { type: 'aes128', key: secret } } },
    ]);
    await apply(chip, await shop.seal(shop.push(chip), [one]));
    expect(holds(chip, secret)).toBe(true);
    const two = await shop.sign(chip.dongleId, [{ removePartition: { application: 60 } }], one);
    await apply(chip, await shop.seal(shop.push(chip), [two]));
    expect(holds(chip, secret)).toBe(false);
  });

  test('a receipt goes on to tell of a withdrawn license until it comes back', async () => {
    const { chip, shop } = await begin();
    const chain: Signed[] = [];
    const told = async (operation: Operation) => {
      chain.push(await shop.sign(chip.dongleId, [operation], chain.at(-1)));
      const outcome = await apply(chip, await shop.seal(shop.push(chip), chain.slice(-1)));
      if ('refused' in outcome) throw new Error(outcome.refused);
      const { licenses } = await readReceipt(outcome.receipt);
      return licenses.map(({ product, withdrawn }) => `${withdrawn ? '-' : '+'}${product}`).join();
    };
    expect(await told({ putLicense: { product: 1 } })).toBe('+1');
    expect(await told({ withdrawLicense: { product: 1 } })).toBe('-1');
    expect(await told({ putLicense: { product: 2 } })).toBe('+2,-1');
    expect(await told({ putLicense: { product: 1 } })).toBe('+2,+1');
  });

  test.each(['standard', 'driver'] as const)(
    'a receipt tells of every license of a full %s dongle that one file withdraws',
    async (model) => {
      const chip = await bootChip(await newFlash('LK-FULL', model));
      const shop = await Shop.open();
      const products = Array.from({ length: chip.manufacture.licenses }, (_, i) => i + 1);
      // With all that a report can say.
      const put = await shop.sign(
        chip.dongleId,
        products.map((product) => ({ putLicense: { product, units: 2 ** 48 - 1 } })),
      );
      await apply(chip, await shop.seal(shop.push(chip), [put]));
      const take = await shop.sign(
        chip.dongleId,
        products.map((product) => ({ withdrawLicense: { product } })),
        put,
      );
      const file = await shop.seal(shop.push(chip), [take]);
      for (const applied of [1, 0]) {
        const outcome = await apply(chip, file);
        if ('refused' in outcome) throw new Error(outcome.refused);
        expect(outcome.applied).toBe(applied);
        const { licenses } = await readReceipt(outcome.receipt);
        expect(licenses.map(({ product }) => product)).toEqual(products);
      }
    },
  );
});
