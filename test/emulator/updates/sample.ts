import type { Operation } from '../../../src/protocol/updates/index.ts';
import { apply, bootChip, type Chip, contextOf, newFlash } from './chip.ts';
import { Shop, type Signed } from './shop.ts';

/** What two updates of the dongle's own vendor do: something in each part of the store. */
export const first: readonly Operation[] = [
  { nameVendor: 'Acme' },
  { putLicense: { product: 1, text: 'CAD', units: 10, secret: new Uint8Array(32).fill(1) } },
  { putLicense: { product: 2, features: 3 } },
  {
    putPartition: {
      application: 200,
      sizes: [8192, 512, 0],
      userPassword: new Uint8Array(16).fill(2),
      administratorPassword: new Uint8Array(16).fill(3),
    },
  },
  {
    writeMemory: {
      application: 200,
      area: 'ram1',
      offset: 100,
      data: new Uint8Array(4096).fill(0x5a),
    },
  },
];
export const second: readonly Operation[] = [
  { addUnits: { product: 1, units: 5 } },
  { withdrawLicense: { product: 2 } },
  { setSeats: { application: 200, seats: 3 } },
  {
    setKey: {
      application: 200,
      key: 0x100,
      material: { type: 'aes256', key: new Uint8Array(32).fill(4) },
    },
  },
  {
    writeMemory: {
      application: 200,
      area: 'ram1',
      offset: 4096,
      data: new Uint8Array(4096).fill(0xa5),
    },
  },
  { setBlocked: true },
];

/** A dongle that has had an update, its context, and the answer: two more updates. */
export interface Sample {
  readonly shop: Shop;
  readonly chip: Chip;
  readonly context: Uint8Array;
  readonly updates: readonly [Signed, Signed, Signed];
  /** Seals the first to the dongle. */
  readonly file: Uint8Array;
}

/** A dongle with a license 2, and a file with the two updates that follow. */
export async function sample(): Promise<Sample> {
  const chip = await bootChip(await newFlash());
  const shop = await Shop.open();
  const zeroth = await shop.sign(chip.dongleId, [{ putLicense: { product: 2 } }]);
  const one = await shop.sign(chip.dongleId, first, zeroth);
  const two = await shop.sign(chip.dongleId, second, one);
  const begun = await apply(chip, await shop.seal(shop.push(chip), [zeroth]));
  if ('refused' in begun) throw new Error(begun.refused);
  const context = await contextOf(chip);
  const file = await shop.seal(await shop.answerTo(context), [one, two]);
  return { shop, chip, context, updates: [zeroth, one, two], file };
}
