import { describe, expect, it, vi } from 'vitest';
import { fromHex } from '../../../src/bytes.ts';
import * as s from '../../../src/protocol/schema/index.ts';

const small = s.uint({ max: 1000 });
const pair = s.struct({ first: s.field(1, small), second: s.optional(2, small) });
const four = s.bytes({ max: 4 });
const word = s.text({ maxBytes: 4 });
const list = s.array(small, { min: 1, max: 3 });

describe('decode', () => {
  it.each<readonly [what: string, schema: s.Schema<unknown>, hex: string, detail: RegExp]>([
    ['nothing', small, '', /^cut short$/],
    ['trailing bytes', small, '0000', /more bytes follow/],
    ['an integer in 2 bytes for 1', small, '1817', /shortest form/],
    ['an integer in 3 bytes for 2', small, '1900ff', /shortest form/],
    ['an integer in 5 bytes for 3', s.uint({ max: 2 ** 40 }), '1a0000ffff', /shortest form/],
    [
      'an integer in 9 bytes for 5',
      s.uint({ max: 2 ** 40 }),
      '1b00000000ffffffff',
      /shortest form/,
    ],
    ['an integer over its maximum', small, '1903e9', /^not from 0 to 1000$/],
    ['a negative integer', small, '20', /^not from 0 to 1000$/],
    ['an integer over 2^53', s.uint({ max: 2 ** 53 - 1 }), '1b0020000000000000', /too large/],
    ['a negative integer under -2^53', s.constant(-1), '3bffffffffffffffff', /too large/],
    ['reserved additional information', small, '1c', /definite length/],
    ['another constant', s.constant(1), '02', /^not from 1 to 1$/],
    ['an unknown name', s.enumeration({ a: 1 }), '02', /^2 is not a known value$/],
    ['a name in a long form', s.enumeration({ a: 1 }), '1801', /shortest form/],
    ['a byte string over its maximum', four, '450102030405', /^not 0 to 4 bytes long$/],
    [
      'a byte string far over its maximum',
      four,
      `5820${'00'.repeat(32)}`,
      /^not 0 to 4 bytes long$/,
    ],
    ['a byte string under its minimum', s.bytes({ length: 2 }), '4101', /^not 2 to 2 bytes long$/],
    ['a byte string whose length has a long form', four, '580101', /shortest form/],
    ['a byte string of 2^53 - 1 bytes', four, '5b001fffffffffffff', /^not 0 to 4 bytes long$/],
    ['a byte string of 2^64 - 1 bytes', four, '5bffffffffffffffff', /too large/],
    ['a byte string of indefinite length', four, '5f4101ff', /definite length/],
    ['text for bytes', four, '6161', /^not a byte string$/],
    ['bytes for text', word, '4161', /^not a text string$/],
    ['text over its maximum', word, '656162636465', /^not 0 to 4 bytes long$/],
    [
      'text under its minimum',
      s.text({ minBytes: 1, maxBytes: 4 }),
      '60',
      /^not 1 to 4 bytes long$/,
    ],
    ['text of indefinite length', word, '7f6161ff', /definite length/],
    ['a lone continuation byte', word, '6180', /^not valid UTF-8$/],
    ['an overlong form of "/"', word, '62c0af', /^not valid UTF-8$/],
    ['half a surrogate pair', word, '63eda080', /^not valid UTF-8$/],
    ['a code point over U+10FFFF', word, '64f4908080', /^not valid UTF-8$/],
    ['a control character', s.text({ maxBytes: 4, printableAscii: true }), '611b', /printable/],
    [
      'a letter outside ASCII',
      s.text({ maxBytes: 4, printableAscii: true }),
      '62c3bc',
      /printable/,
    ],
    ['an integer for a boolean', s.bool(), '01', /^not true or false$/],
    ['null', s.bool(), 'f6', /^not true or false$/],
    ['undefined', s.bool(), 'f7', /^not true or false$/],
    ['a half float', s.bool(), 'f93c00', /^not true or false$/],
    ['an unassigned simple value', s.bool(), 'e0', /^not true or false$/],
    ['true as a two-byte simple value', s.bool(), 'f815', /^not true or false$/],
    ['a lone break', s.bool(), 'ff', /^not true or false$/],
    ['a float for an integer', small, 'f93c00', /^not an unsigned integer$/],
    ['a tag', small, 'c000', /^not an unsigned integer$/],
    ['a bignum', small, 'c24101', /^not an unsigned integer$/],
    ['a list over its maximum', list, '8401010101', /^4 entries instead of 1 to 3$/],
    ['a list under its minimum', list, '80', /^0 entries instead of 1 to 3$/],
    ['a list of 2^53 - 1 entries', list, '9b001fffffffffffff01', /entries instead of/],
    ['a list of 2^64 - 1 entries', list, '9bffffffffffffffff01', /too large/],
    ['a list of indefinite length', list, '9f01ff', /definite length/],
    ['a list with a long length', list, '980101', /shortest form/],
    ['a list with a bad entry', list, '8201f5', /^1: not an unsigned integer$/],
    ['a tuple with too few entries', s.tuple([small, small]), '8101', /entries instead of/],
    ['a tuple with a bad entry', s.tuple([small, small]), '8201f5', /^1: not an unsigned/],
    ['a duplicate key', pair, 'a201010102', /^key 1 appears twice$/],
    ['keys out of order', pair, 'a202010102', /^first is missing$/],
    [
      'optional keys out of order',
      s.struct({ a: s.optional(1, small), b: s.optional(2, small) }),
      'a202010102',
      /^key 1 is out of order$/,
    ],
    ['an unknown key', pair, 'a201010301', /^key 3 is unknown$/],
    ['an unknown key before the known ones', pair, 'a200010101', /^key 0 is unknown$/],
    ['a key in a long form', pair, 'a1180101', /^key: .*shortest form/],
    ['a text key', pair, 'a1613101', /^key: not an unsigned integer$/],
    ['a negative key', pair, 'a12001', /^key: not an unsigned integer$/],
    ['a missing member', pair, 'a10201', /^first is missing$/],
    [
      'a missing last member',
      s.struct({ a: s.optional(1, small), b: s.field(2, small) }),
      'a10101',
      /^b is missing$/,
    ],
    ['an empty map where a member must be', pair, 'a0', /^first is missing$/],
    [
      'a map with more entries than members',
      pair,
      'a3010102010301',
      /^3 entries instead of 0 to 2$/,
    ],
    ['a map of 2^53 - 1 entries', pair, 'bb001fffffffffffff0101', /entries instead of/],
    ['a map of indefinite length', pair, 'bf0101ff', /definite length/],
    [
      'a bad value, with its path',
      s.struct({ outer: s.field(1, pair) }),
      'a101a101f5',
      /^outer: first: not an unsigned integer$/,
    ],
    ['a list nested 10,000 deep', list, '81'.repeat(10_000), /^0: not an unsigned integer$/],
    ['maps nested 10,000 deep', pair, 'a101'.repeat(10_000), /^first: not an unsigned integer$/],
  ])('refuses %s', (_, schema, hex, detail) => {
    const result = s.decode(schema, fromHex(hex));
    expect(result).toEqual({ ok: false, detail: expect.stringMatching(detail) });
  });

  it('refuses an encoding that is cut short at any byte', () => {
    const everything = s.struct({
      number: s.field(1, s.uint({ max: 2 ** 40 })),
      content: s.field(2, s.bytes({ max: 300 })),
      words: s.field(24, s.array(s.text({ maxBytes: 40 }), { max: 3 })),
      pair: s.field(300, s.tuple([s.bool(), s.enumeration({ EdDSA: -8 })])),
    });
    const encoded = s.encode(everything, {
      number: 2 ** 33,
      content: new Uint8Array(260),
      words: ['', 'ü'.repeat(15)],
      pair: [true, 'EdDSA'],
    });
    expect(s.decode(everything, encoded).ok).toBe(true);
    for (let end = 0; end < encoded.length; end++) {
      expect(s.decode(everything, encoded.subarray(0, end)).ok, `cut at ${end}`).toBe(false);
    }
  });

  it('copies nothing of a string that is too long', () => {
    const input = new Uint8Array(1_000_000);
    input.set(fromHex('5a000f0000')); // a byte string of 983,040 bytes, all of them there
    const slice = vi.spyOn(Uint8Array.prototype, 'slice');
    try {
      expect(s.decode(s.bytes({ max: 32 }), input).ok).toBe(false);
      input[0] = 0x7a; // the same as a text string
      expect(s.decode(s.text({ maxBytes: 32 }), input).ok).toBe(false);
      input[0] = 0x5a; // a byte string where a number is wanted
      expect(s.decode(small, input).ok).toBe(false);
      expect(slice).not.toHaveBeenCalled();
    } finally {
      slice.mockRestore();
    }
  });

  it('gives byte strings that do not share memory with the input, even if that is a Buffer', () => {
    const input = Buffer.from('4401020304', 'hex');
    const result = s.decode(four, input);
    input.fill(0);
    expect(result).toEqual({ ok: true, value: Uint8Array.of(1, 2, 3, 4) });
  });
});

describe('encode', () => {
  it.each<readonly [what: string, schema: s.Schema<unknown>, value: unknown, message: RegExp]>([
    ['a number over its maximum', small, 1001, /0 to 1000/],
    ['a negative number', small, -1, /0 to 1000/],
    ['a fraction', small, 0.5, /0 to 1000/],
    ['NaN', small, Number.NaN, /0 to 1000/],
    ['a numeral', small, '1', /0 to 1000/],
    ['bytes over their maximum', four, new Uint8Array(5), /0 to 4 bytes/],
    ['an array for bytes', four, [1, 2], /0 to 4 bytes/],
    ['text over its maximum in UTF-8', word, 'üüü', /0 to 4 bytes/],
    ['half a surrogate pair', word, '\ud800', /well-formed/],
    ['a control character', s.text({ maxBytes: 4, printableAscii: true }), '\n', /printable/],
    ['a number for a boolean', s.bool(), 1, /boolean/],
    ['an unknown name', s.enumeration({ a: 1 }), 'toString', /not one of a/],
    ['a list over its maximum', list, [1, 2, 3, 4], /1 to 3 items/],
    ['a tuple with too few items', s.tuple([small, small]), [1], /2 items/],
    ['a missing member', pair, { second: 1 }, /first is missing/],
    ['null', pair, null, /not an object/],
    [
      'a bad member, with its path',
      s.struct({ a: s.field(1, list) }),
      { a: [1, true] },
      /^a: 1: not an integer/,
    ],
  ])('throws a RangeError for %s', (_, schema, value, message) => {
    expect(() => s.encode(schema, value)).toThrow(
      expect.objectContaining({ name: 'RangeError', message: expect.stringMatching(message) }),
    );
  });

  it('leaves an undefined optional member out', () => {
    expect(s.encode(pair as s.Schema<unknown>, { first: 1, second: undefined })).toEqual(
      fromHex('a10101'),
    );
  });

  it('gives memory of its own each time', () => {
    const first = s.encode(four, Uint8Array.of(1));
    const second = s.encode(four, Uint8Array.of(2));
    expect([first, second]).toEqual([fromHex('4101'), fromHex('4102')]);
  });
});

describe('schemas', () => {
  it('may not use a key or a number twice', () => {
    expect(() => s.struct({ a: s.field(1, small), b: s.optional(1, small) })).toThrow(RangeError);
    expect(() => s.enumeration({ a: 1, b: 1 })).toThrow(RangeError);
  });
});
