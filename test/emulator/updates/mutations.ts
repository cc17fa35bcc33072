import { suite } from '#crypto';
import { concatBytes } from '../../../src/bytes.ts';
import type { SigningKey } from '../../../src/crypto/suite.ts';
import { encode } from '../../../src/protocol/schema/index.ts';
import {
  type Operation,
  sealUpdates,
  type UpdateHeader,
  updateFileSchema,
  updateHeaderSchema,
} from '../../../src/protocol/updates/index.ts';
import type { Random } from '../../support/seed.ts';
import type { Chip } from './chip.ts';
import { Shop, type Signed } from './shop.ts';

/** What mutated files are made of: a dongle that has had one update, and two good files for it. */
export interface Stock {
  readonly chip: Chip;
  readonly shop: Shop;
  readonly had: Signed;
  readonly next: readonly [Signed, Signed];
  /** The same two updates: in answer to a context, and pushed. */
  readonly files: readonly [Uint8Array, Uint8Array];
  readonly headers: readonly [UpdateHeader, UpdateHeader];
  /** Signers that may not do this. */
  readonly strangers: readonly Shop[];
  readonly strangeKey: SigningKey;
}

/** A way to spoil a file; what it gives must never be applied. */
export type Mutation = (stock: Stock, random: Random) => Uint8Array | Promise<Uint8Array>;

/** What is done to bytes that nothing seals: most of it is noticed soon. */
function spoil(bytes: Uint8Array, random: Random): Uint8Array {
  const at = random.below(bytes.length);
  const out = bytes.slice();
  switch (random.below(6)) {
    case 0:
      out[at] = (out[at] as number) ^ (1 << random.below(8));
      return out;
    case 1:
      out[at] = ((out[at] as number) + 1 + random.below(255)) & 0xff;
      return out;
    case 2:
      return bytes.slice(0, at);
    case 3:
      return concatBytes(bytes, random.bytes(1 + random.below(40)));
    case 4:
      return concatBytes(
        bytes.subarray(0, at),
        random.bytes(1 + random.below(4)),
        bytes.subarray(at),
      );
    default: {
      const end = at + 1 + random.below(Math.min(40, bytes.length - at));
      return concatBytes(bytes.subarray(0, at), bytes.subarray(end));
    }
  }
}

const kind = 2;

/** The parts of a file, put together as a file has them. */
function fileOf(header: Uint8Array, sealed: Uint8Array): Uint8Array {
  return encode(updateFileSchema, { kind, header, sealed });
}

/** The sealed part of a file: all behind the last head of a byte string. */
function sealedOf(file: Uint8Array, { encodedBytes }: { encodedBytes: number }): Uint8Array {
  // a3 01 02 02 58 LL header 03 59 LLLL sealed
  return file.slice(6 + encodedBytes + 4);
}

function pick(stock: Stock, random: Random) {
  const i = random.below(2) as 0 | 1;
  const header = stock.headers[i];
  const encoded = encode(updateHeaderSchema, header);
  const file = stock.files[i];
  return { header, encoded, file, sealed: sealedOf(file, { encodedBytes: encoded.length }) };
}

function otherHeader(header: UpdateHeader, random: Random): UpdateHeader {
  const flipped = (bytes: Uint8Array) => {
    const out = bytes.slice();
    const at = random.below(out.length);
    out[at] = (out[at] as number) ^ (1 << random.below(8));
    return out;
  };
  switch (random.below(4)) {
    case 0:
      return { ...header, vendor: (header.vendor + 1 + random.below(1000)) >>> 0 };
    case 1:
      return { ...header, dongle: flipped(header.dongle) };
    case 2:
      return { ...header, recipient: flipped(header.recipient) };
    default:
      return { ...header, answers: header.answers === 'push' ? 'context' : 'push' };
  }
}

async function reseal(
  { shop, headers }: Stock,
  random: Random,
  updates: readonly Uint8Array[],
  issuer = shop.issuer,
): Promise<Uint8Array> {
  return sealUpdates({ header: random.pick(headers), issuer, updates });
}

/** Operations that are well-formed and that no dongle can do. */
const impossible: readonly Operation[] = [
  { addUnits: { product: 99, units: 1 } },
  { withdrawLicense: { product: 99 } },
  { removePartition: { application: 999 } },
  { removeKey: { key: 0x10f } },
  { setPassword: { application: 999, role: 'user', password: new Uint8Array(16) } },
];

/** Mutations of the bytes: cheap, as nothing is sealed anew. */
export const plainMutations: Readonly<Record<string, Mutation>> = {
  spoiled: (stock, random) => spoil(pick(stock, random).file, random),
  spoiledTwice: (stock, random) => {
    const { file } = pick(stock, random);
    const once = spoil(file, random);
    const twice = spoil(once.length === 0 ? Uint8Array.of(0) : once, random);
    // The second may undo the first.
    return Buffer.compare(twice, file) === 0 ? once : twice;
  },
  spoiledHeader: (stock, random) => {
    const { encoded, sealed } = pick(stock, random);
    const header = spoil(encoded, random).slice(0, 256);
    return fileOf(header, sealed);
  },
  otherHeader: (stock, random) => {
    const { header, sealed } = pick(stock, random);
    return fileOf(encode(updateHeaderSchema, otherHeader(header, random)), sealed);
  },
  spoiledSeal: (stock, random) => {
    const { encoded, sealed } = pick(stock, random);
    const spoilt = spoil(sealed, random);
    return fileOf(encoded, concatBytes(spoilt, new Uint8Array(Math.max(0, 96 - spoilt.length))));
  },
  otherSeal: (stock, random) => {
    const { encoded, file } = pick(stock, random);
    const other = stock.files.find((each) => each !== file) as Uint8Array;
    const header = stock.headers[stock.files.indexOf(other) as 0 | 1];
    const { length } = encode(updateHeaderSchema, header);
    return fileOf(encoded, sealedOf(other, { encodedBytes: length }));
  },
  longerHeads: (stock, random) => {
    // The same value in another encoding: lengths longer than they need be.
    const { file } = pick(stock, random);
    const at = random.pick([0, 2, 4]);
    const longer = [
      [0xb8, 0x03],
      [0x18, 0x02],
      [0x59, 0x00],
    ][at / 2] as number[];
    return concatBytes(file.subarray(0, at), Uint8Array.from(longer), file.subarray(at + 1));
  },
  noise: (_stock, random) => random.bytes(1 + random.below(600)),
};

/** Mutations of what is in the seal, each properly sealed again. */
export const sealedMutations: Readonly<Record<string, Mutation>> = {
  spoiledUpdate: (stock, random) => {
    const [one, two] = stock.next.map(({ signed }) => signed) as [Uint8Array, Uint8Array];
    return reseal(
      stock,
      random,
      random.below(2) === 0 ? [spoil(one, random), two] : [one, spoil(two, random)],
    );
  },
  spoiledIssuer: (stock, random) => {
    const signed = stock.next.map((each) => each.signed);
    return reseal(stock, random, signed, spoil(stock.shop.issuer, random).slice(0, 1500));
  },
  strangeIssuer: (stock, random) => {
    const signed = stock.next.map((each) => each.signed);
    return reseal(stock, random, signed, random.pick(stock.strangers).issuer);
  },
  strangeSignature: async (stock, random) => {
    const { chip, shop, had, strangeKey } = stock;
    const update = await shop.sign(chip.dongleId, [{ nameVendor: 'x' }], had, {}, strangeKey);
    return reseal(stock, random, [update.signed]);
  },
  swappedSignatures: (stock, random) => {
    // The last 64 bytes of a COSE_Sign1 are its signature.
    const [one, two] = stock.next.map(({ signed }) => signed) as [Uint8Array, Uint8Array];
    const mixed = concatBytes(one.subarray(0, -64), two.subarray(-64));
    return reseal(stock, random, [mixed, two]);
  },
  wrongOrder: (stock, random) => {
    const [one, two] = stock.next;
    const order = random.pick([[two, one], [two], [one, one], [one, two, one], [stock.had, two]]);
    return reseal(
      stock,
      random,
      order.map(({ signed }) => signed),
    );
  },
  forked: async (stock, random) => {
    const { chip, shop, had } = stock;
    const name = { nameVendor: `fork ${random.below(1000)}` };
    const previous = random.below(2) === 0 ? {} : { previous: random.bytes(32) };
    const after = random.below(2) === 0 ? undefined : had;
    const changed = after === undefined ? previous : { previous: random.bytes(32) };
    const update = await shop.sign(chip.dongleId, [name], after, changed);
    return reseal(stock, random, [update.signed]);
  },
  otherTarget: async (stock, random) => {
    const { chip, shop, had } = stock;
    const changed = random.pick([
      { dongle: random.bytes(32) },
      { vendor: 2 + random.below(100) },
      { number: random.pick([0, 3, 4, 0xffff_ffff]) },
    ]);
    const update = await shop.sign(chip.dongleId, [{ nameVendor: 'x' }], had, changed);
    return reseal(stock, random, [update.signed]);
  },
  malformed: async (stock, random) => {
    const { chip, shop, had } = stock;
    const operation = random.pick([{}, { nameVendor: 'x', setBlocked: true }]);
    const update = await shop.sign(chip.dongleId, [{ nameVendor: 'y' }, operation], had);
    return reseal(stock, random, [update.signed]);
  },
  impossible: async (stock, random) => {
    const { chip, shop, had } = stock;
    const operations = [{ nameVendor: 'y' }, { setBlocked: true }, random.pick(impossible)];
    const update = await shop.sign(chip.dongleId, operations, had);
    return reseal(stock, random, [update.signed]);
  },
};

/** Signers whose certificates are good, but not for this. */
export async function strangers(): Promise<readonly Shop[]> {
  const root = await suite.importSigningKey(new Uint8Array(32).fill(9));
  return [
    await Shop.open(1, { purpose: 'time' }),
    await Shop.open(1, { purpose: 'issue' }),
    await Shop.open(1, { vendors: [2, 3] }),
    await Shop.open(1, { root }),
    await Shop.open(2),
  ];
}
