import { decode as cborgDecode, encode as cborgEncode, rfc8949EncodeOptions } from 'cborg';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex } from '../../../src/bytes.ts';
import * as s from '../../../src/protocol/schema/index.ts';
import { arbitraryOf, arbitrarySchema } from '../../support/arbitrary.ts';
import { type Item, referenceDecode } from '../../support/reference-cbor.ts';
import { createRandom, long, seed } from '../../support/seed.ts';

/** A schema with something of everything. */
const everything = s.struct({
  flag: s.field(0, s.bool()),
  number: s.field(1, s.uint({ max: Number.MAX_SAFE_INTEGER })),
  content: s.field(2, s.bytes({ max: 40 })),
  label: s.optional(3, s.text({ maxBytes: 30 })),
  mode: s.optional(24, s.enumeration({ ctr: 1, cbc: 2, odd: -300 })),
  items: s.field(
    25,
    s.array(s.struct({ id: s.field(1, s.uint({ max: 0xffff })), on: s.optional(2, s.bool()) }), {
      max: 5,
    }),
  ),
  pair: s.optional(300, s.tuple([s.text({ maxBytes: 9, printableAscii: true }), s.constant(1)])),
});

/** What the reference decoder should see of a value. */
function itemOf(shape: s.Shape, value: unknown): Item {
  switch (shape.kind) {
    case 'enumeration':
      return shape.numbers.get(value as string) as number;
    case 'array':
      return (value as unknown[]).map((item) => itemOf(shape.item, item));
    case 'tuple':
      return shape.items.map((item, i) => itemOf(item, (value as unknown[])[i]));
    case 'struct': {
      const members = value as Record<string, unknown>;
      const present = shape.fields.filter(({ name }) => name in members);
      return new Map(present.map(({ key, name, shape }) => [key, itemOf(shape, members[name])]));
    }
    default:
      return value as Item;
  }
}

/** An independent decoder, and a library of others, see the same item in these bytes and no others. */
function expectOthersAgree(encoded: Uint8Array, item: Item): void {
  expect(referenceDecode(encoded)).toEqual(item);
  expect(cborgDecode(encoded, { strict: true, useMaps: true })).toEqual(item);
  expect(toHex(cborgEncode(item, rfc8949EncodeOptions))).toBe(toHex(encoded));
}

describe(`random values (SEED=${seed})`, () => {
  const schemaAndValue = arbitrarySchema().chain((schema) =>
    fc.record({ schema: fc.constant(schema), value: arbitraryOf(schema) }),
  );

  it('come back as they were, and read the same to others', () => {
    fc.assert(
      fc.property(schemaAndValue, ({ schema, value }) => {
        const encoded = s.encode(schema, value);
        expect(s.decode(schema, encoded)).toEqual({ ok: true, value });
        expectOthersAgree(encoded, itemOf(schema, value));
      }),
      { seed, numRuns: 3000, endOnFailure: true },
    );
  });

  it('of one fixed schema do too', () => {
    fc.assert(
      fc.property(arbitraryOf(everything), (value) => {
        const encoded = s.encode(everything, value);
        expect(s.decode(everything, encoded)).toEqual({ ok: true, value });
        expectOthersAgree(encoded, itemOf(everything, value));
      }),
      { seed, numRuns: 3000, endOnFailure: true },
    );
  });
});

describe(`random and mutated inputs (SEED=${seed})`, () => {
  const random = createRandom(seed);
  const valid = fc.sample(arbitraryOf(everything), { seed, numRuns: 500 }).map((value) => {
    return s.encode(everything, value);
  });

  /** Initial bytes of all kinds, so that random input gets past the first check. */
  const starts = [0xa3, 0xa4, 0xa7, 0xa0, 0xbf, 0xb8, 0xbb];

  function mutated(): Uint8Array {
    const original = valid[random.below(valid.length)] as Uint8Array;
    const at = random.below(original.length);
    const bytes = Array.from(original);
    switch (random.below(5)) {
      case 0:
        bytes[at] = random.below(256);
        break;
      case 1:
        bytes[at] = (bytes[at] as number) ^ (1 << random.below(8));
        break;
      case 2:
        bytes.splice(at, 1 + random.below(4));
        break;
      case 3:
        bytes.splice(at, 0, ...random.bytes(1 + random.below(9)));
        break;
      default:
        bytes.length = at;
    }
    return Uint8Array.from(bytes);
  }

  function garbage(): Uint8Array {
    const bytes = random.bytes(random.below(80));
    if (bytes.length > 0 && random.below(2) === 0) {
      bytes[0] = starts[random.below(starts.length)] as number;
    }
    return bytes;
  }

  const inputs = long ? 10_000_000 : 300_000;

  it('are refused with a reason, or decode to a value with no other encoding', () => {
    let decoded = 0;
    for (let i = 0; i < inputs; i++) {
      const input = random.below(3) === 0 ? garbage() : mutated();
      const hint = () => `SEED=${seed} input ${i}: ${toHex(input)}`;
      let result: s.Decoded<s.Infer<typeof everything>>;
      try {
        result = s.decode(everything, input);
        if (result.ok) referenceDecode(input);
      } catch (error) {
        throw new Error(hint(), { cause: error });
      }
      if (result.ok) {
        decoded++;
        const again = toHex(s.encode(everything, result.value));
        if (again !== toHex(input)) throw new Error(`${hint()} encodes to ${again}`);
      } else if (result.detail === '') {
        throw new Error(`${hint()} is refused without a reason`);
      }
    }
    // Mutations of content decode, those of structure do not: the inputs reach both.
    expect(decoded).toBeGreaterThan(20_000);
    expect(decoded).toBeLessThan(280_000);
  });
});
