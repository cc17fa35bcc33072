import { describe, expect, expectTypeOf, it } from 'vitest';
import { fromHex, toHex } from '../../../src/bytes.ts';
import * as s from '../../../src/protocol/schema/index.ts';
import { referenceDecode } from '../../support/reference-cbor.ts';

// None of the bytes below came out of the code under test.

const safe = s.uint({ max: Number.MAX_SAFE_INTEGER });

/** RFC 8949 appendix A: the examples of major types 0 to 5 and of booleans that a schema can say. */
const appendixA: readonly (readonly [schema: s.Schema<unknown>, value: unknown, hex: string])[] = [
  [safe, 0, '00'],
  [safe, 1, '01'],
  [safe, 10, '0a'],
  [safe, 23, '17'],
  [safe, 24, '1818'],
  [safe, 25, '1819'],
  [safe, 100, '1864'],
  [safe, 1000, '1903e8'],
  [safe, 1_000_000, '1a000f4240'],
  [safe, 1_000_000_000_000, '1b000000e8d4a51000'],
  [s.constant(-1), -1, '20'],
  [s.constant(-10), -10, '29'],
  [s.constant(-100), -100, '3863'],
  [s.constant(-1000), -1000, '3903e7'],
  [s.bool(), false, 'f4'],
  [s.bool(), true, 'f5'],
  [s.bytes({ max: 4 }), fromHex(''), '40'],
  [s.bytes({ max: 4 }), fromHex('01020304'), '4401020304'],
  [s.text({ maxBytes: 4 }), '', '60'],
  [s.text({ maxBytes: 4 }), 'a', '6161'],
  [s.text({ maxBytes: 4 }), 'IETF', '6449455446'],
  [s.text({ maxBytes: 4 }), '"\\', '62225c'],
  [s.text({ maxBytes: 4 }), '\u00fc', '62c3bc'],
  [s.text({ maxBytes: 4 }), '\u6c34', '63e6b0b4'],
  [s.text({ maxBytes: 4 }), '\ud800\udd51', '64f0908591'],
  [s.array(safe, { max: 25 }), [], '80'],
  [s.array(safe, { max: 25 }), [1, 2, 3], '83010203'],
  [
    s.tuple([safe, s.tuple([safe, safe]), s.array(safe, { max: 2 })]),
    [1, [2, 3], [4, 5]],
    '8301820203820405',
  ],
  [
    s.array(safe, { max: 25 }),
    Array.from({ length: 25 }, (_, i) => i + 1),
    '98190102030405060708090a0b0c0d0e0f101112131415161718181819',
  ],
  [s.struct({}), {}, 'a0'],
  [
    s.struct({ one: s.field(1, safe), three: s.field(3, safe) }),
    { one: 2, three: 4 },
    'a201020304',
  ],
];

/** Put together by hand, byte by byte. */
const byHand: typeof appendixA = [
  // 42 BOM (ef bb bf) is content, not a mark to drop
  [s.text({ maxBytes: 8 }), '\ufeffa', '64' + 'efbbbf' + '61'],
  // 9 bytes head for the largest integer that a JavaScript number holds: 2^53 - 1
  [safe, 2 ** 53 - 1, '1b' + '001fffffffffffff'],
  [safe, 2 ** 32, '1b' + '0000000100000000'],
  [safe, 2 ** 32 - 1, '1a' + 'ffffffff'],
  [safe, 256, '19' + '0100'],
  // a string of 24 bytes is the first with its length in a byte of its own, 256 in two
  [s.bytes({ length: 24 }), new Uint8Array(24), '5818' + '00'.repeat(24)],
  [s.bytes({ length: 256 }), new Uint8Array(256), '590100' + '00'.repeat(256)],
  [s.bytes({ length: 65_536 }), new Uint8Array(65_536), '5a00010000' + '00'.repeat(65_536)],
  // keys 10 (0a), 24 (1818), 256 (190100) in the order of their bytes, whatever the source's order
  [
    s.struct({
      late: s.field(256, s.bool()),
      early: s.field(10, s.enumeration({ ctr: 1, cbc: 2 })),
      middle: s.optional(24, s.text({ maxBytes: 3 })),
    }),
    { late: true, early: 'cbc', middle: 'abc' },
    'a3' + ('0a' + '02') + ('1818' + '63616263') + ('190100' + 'f5'),
  ],
  // RFC 9053 §2.2: EdDSA is -8
  [s.enumeration({ EdDSA: -8 }), 'EdDSA', '27'],
];

describe.each([
  ['RFC 8949 appendix A', appendixA],
  ['bytes put together by hand', byHand],
] as const)('%s', (_, examples) => {
  it.each(examples)('example %#', (schema, value, hex) => {
    expect(toHex(s.encode(schema, value))).toBe(hex);
    expect(s.decode(schema, fromHex(hex))).toEqual({ ok: true, value });
  });

  it.each(examples)('the reference decoder takes example %#', (schema, value, hex) => {
    if (schema.kind === 'struct' || schema.kind === 'enumeration') return;
    expect(referenceDecode(fromHex(hex))).toEqual(value);
  });
});

describe('cddl', () => {
  it('writes one readable rule', () => {
    const request = s.struct({
      mode: s.field(2, s.enumeration({ ctr: 1, cbc: 2 })),
      key: s.field(1, s.bytes({ length: 32 })),
      label: s.optional(3, s.text({ maxBytes: 20, minBytes: 1, printableAscii: true })),
      parts: s.field(
        4,
        s.array(s.struct({ note: s.field(1, s.text({ maxBytes: 9 })) }), { min: 1, max: 4 }),
      ),
      pair: s.field(5, s.tuple([s.uint({ max: 255 }), s.bool()])),
      version: s.field(6, s.constant(1)),
    });
    expect(s.cddl('request', request)).toBe(`request = {
  1: bstr .size 32,  ; key
  2: &(ctr: 1, cbc: 2),  ; mode
  ? 3: tstr .regexp "[ -~]{1,20}",  ; label
  4: [1*4 {
    1: tstr .size (0..9),  ; note
  }],  ; parts
  5: [0..255, bool],  ; pair
  6: 1,  ; version
}
`);
    expect(s.cddl('nothing', s.struct({}))).toBe('nothing = {}\n');
  });
});

describe('Infer', () => {
  it('gives the TypeScript type of a schema', () => {
    const request = s.struct({
      mode: s.field(2, s.enumeration({ ctr: 1, cbc: 2 })),
      key: s.optional(1, s.bytes({ length: 32 })),
      parts: s.field(
        3,
        s.array(s.struct({ note: s.field(1, s.text({ maxBytes: 9 })) }), { max: 4 }),
      ),
      pair: s.field(4, s.tuple([s.uint({ max: 255 }), s.bool(), s.constant(1)])),
    });
    expectTypeOf<s.Infer<typeof request>>().toEqualTypeOf<{
      readonly mode: 'ctr' | 'cbc';
      readonly key?: Uint8Array;
      readonly parts: readonly { readonly note: string }[];
      readonly pair: readonly [number, boolean, 1];
    }>();
  });
});
