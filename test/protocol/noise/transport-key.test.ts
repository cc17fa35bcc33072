import { describe, expect, test } from 'vitest';
import { noBytes, utf8 } from '../../../src/bytes.ts';
import { createTransportKey } from '../../../src/protocol/noise/index.ts';
import { suites } from '../../crypto/suites.ts';

const misuse = expect.objectContaining({ code: 'INVALID_ARGUMENT' });

describe.each(suites)('a transport key on the suite of $name', ({ suite }) => {
  const fresh = () => createTransportKey(suite.aead(suite.randomBytes(32)));

  test('every altered byte of a message is refused alike, and the message itself is taken', () => {
    const key = fresh();
    const sealed = key.seal(3, utf8('a transport message'));
    for (let at = 0; at < sealed.length; at++) {
      for (const mask of [0x01, 0x80]) {
        const altered = sealed.slice();
        altered[at] = (altered[at] ?? 0) ^ mask;
        expect(key.open(3, altered)).toBeUndefined();
      }
    }
    expect(key.open(3, sealed)).toEqual(utf8('a transport message'));
  });

  test('counters beyond 32 bits are counters of their own', () => {
    const key = fresh();
    const counters = [0, 1, 2 ** 32 - 1, 2 ** 32, 2 ** 32 + 1, Number.MAX_SAFE_INTEGER];
    const sealed = counters.map((counter) => key.seal(counter, utf8('same')));
    for (const [i, message] of sealed.entries()) {
      for (const [j, counter] of counters.entries()) {
        expect(key.open(counter, message)).toEqual(i === j ? utf8('same') : undefined);
      }
    }
  });

  test.each([-1, 0.5, 2 ** 53, 2 ** 64 - 1, Number.NaN, Number.POSITIVE_INFINITY])(
    '%d is no counter',
    (counter) => {
      const key = fresh();
      expect(() => key.seal(counter, utf8('x'))).toThrow(misuse);
      expect(key.open(counter, key.seal(0, utf8('x')))).toBeUndefined();
    },
  );

  test('a message has at most 65,535 bytes', () => {
    const aead = suite.aead(suite.randomBytes(32));
    const key = createTransportKey(aead);
    const sealed = key.seal(0, new Uint8Array(65_519));
    expect(sealed).toHaveLength(65_535);
    expect(key.open(0, sealed)).toHaveLength(65_519);
    expect(() => key.seal(0, new Uint8Array(65_520))).toThrow(misuse);
    // It authenticates, but Noise knows no message of this length.
    expect(key.open(0, aead.seal(0, noBytes, new Uint8Array(65_520)))).toBeUndefined();
  });

  test('a rekeyed key opens what its twin sealed, and nothing from before', () => {
    const secret = suite.randomBytes(32);
    const [ours, theirs] = [secret, secret].map((key) => createTransportKey(suite.aead(key)));
    if (ours === undefined || theirs === undefined) throw new Error('unreachable');
    const before = ours.seal(0, utf8('before'));
    const after = ours.rekeyed().seal(0, utf8('after'));
    expect(theirs.open(0, after)).toBeUndefined();
    expect(theirs.rekeyed().open(0, before)).toBeUndefined();
    expect(theirs.rekeyed().open(0, after)).toEqual(utf8('after'));
    expect(theirs.rekeyed().rekeyed().open(0, after)).toBeUndefined();
    expect(theirs.open(0, before)).toEqual(utf8('before'));
  });
});
