import { createCipheriv } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { concatBytes, fromHex, noBytes, toHex, utf8 } from '../../src/bytes.ts';
import { suites } from './suites.ts';

describe.each(suites)('the suite of $name', ({ suite }) => {
  test('SHA-256', () => {
    // FIPS 180-4's examples.
    expect(toHex(suite.sha256(utf8('abc')))).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    );
    expect(toHex(suite.sha256(noBytes))).toBe(
      'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    );
  });

  test('HMAC-SHA-256', () => {
    // RFC 4231 §4.2 and §4.3.
    expect(toHex(suite.hmacSha256(new Uint8Array(20).fill(0x0b), utf8('Hi There')))).toBe(
      'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7',
    );
    expect(toHex(suite.hmacSha256(utf8('Jefe'), utf8('what do ya want for nothing?')))).toBe(
      '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    );
  });

  test('Noise’s HKDF is the chain of HMACs that §4.3 says', () => {
    for (const input of [noBytes, suite.randomBytes(32)]) {
      const key = suite.randomBytes(32);
      const temporary = suite.hmacSha256(key, input);
      const first = suite.hmacSha256(temporary, Uint8Array.of(1));
      const second = suite.hmacSha256(temporary, concatBytes(first, Uint8Array.of(2)));
      const third = suite.hmacSha256(temporary, concatBytes(second, Uint8Array.of(3)));
      expect(suite.hkdf(key, input, 2)).toEqual([first, second]);
      expect(suite.hkdf(key, input, 3)).toEqual([first, second, third]);
    }
  });

  test('AES-256-GCM', () => {
    // McGrew and Viega, "The Galois/Counter Mode of Operation", test case 14: key and nonce zero.
    const aead = suite.aead(new Uint8Array(32));
    const sealed = aead.seal(0, noBytes, new Uint8Array(16));
    expect(toHex(sealed)).toBe('cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919');
    expect(aead.open(0, noBytes, sealed)).toEqual(new Uint8Array(16));
  });

  test('an AEAD refuses every altered byte, another counter and other data', () => {
    const aead = suite.aead(suite.randomBytes(32));
    const sealed = aead.seal(5, utf8('ad'), utf8('0123456789'));
    for (let at = 0; at < sealed.length; at++) {
      const altered = sealed.slice();
      altered[at]! ^= 0x40;
      expect(aead.open(5, utf8('ad'), altered)).toBeUndefined();
    }
    expect(aead.open(6, utf8('ad'), sealed)).toBeUndefined();
    expect(aead.open(5 + 2 ** 32, utf8('ad'), sealed)).toBeUndefined();
    expect(aead.open(5, utf8('da'), sealed)).toBeUndefined();
    expect(aead.open(5, noBytes, sealed)).toBeUndefined();
    for (let length = 0; length < sealed.length; length++) {
      expect(aead.open(5, utf8('ad'), sealed.subarray(0, length))).toBeUndefined();
    }
    expect(aead.open(5, utf8('ad'), sealed)).toEqual(utf8('0123456789'));
  });

  test('a sealed string can be sliced without sharing memory', () => {
    const aead = suite.aead(suite.randomBytes(32));
    const sealed = aead.seal(0, noBytes, utf8('abc'));
    sealed.slice(0, 1)[0]! ^= 1;
    expect(aead.open(0, noBytes, sealed)).toEqual(utf8('abc'));
  });

  test('rekeying gives the first 32 bytes of zeros sealed under the last counter', () => {
    const key = new Uint8Array(32).fill(1);
    const cipher = createCipheriv(
      'aes-256-gcm',
      key,
      fromHex('00000000ffffffffffffffffffffffff').subarray(0, 12),
    );
    const next = suite.aead(new Uint8Array(cipher.update(new Uint8Array(32))));
    expect(suite.aead(key).rekeyed().seal(3, noBytes, utf8('same'))).toEqual(
      next.seal(3, noBytes, utf8('same')),
    );
  });

  test('X25519', async () => {
    // RFC 7748 §5.2, first vector, and the first step of its iteration.
    const key = await suite.importDhKey(
      fromHex('a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4'),
    );
    const point = fromHex('e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c');
    expect(toHex(await key.diffieHellman(point))).toBe(
      'c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552',
    );
    const nine = Uint8Array.of(9, ...new Uint8Array(31));
    expect(toHex((await suite.importDhKey(nine)).publicKey)).toBe(
      '422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079',
    );
  });

  test('two fresh X25519 keys agree, and no point of small order is taken', async () => {
    const [a, b] = [await suite.generateDhKey(), await suite.generateDhKey()];
    expect(a.publicKey).not.toEqual(b.publicKey);
    expect(await a.diffieHellman(b.publicKey)).toEqual(await b.diffieHellman(a.publicKey));
    for (const point of [new Uint8Array(32), Uint8Array.of(1, ...new Uint8Array(31))]) {
      await expect((async () => a.diffieHellman(point))()).rejects.toThrow();
    }
  });

  test('Ed25519', async () => {
    // RFC 8032 §7.1, test 1.
    const key = await suite.importSigningKey(
      fromHex('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60'),
    );
    expect(toHex(key.publicKey)).toBe(
      'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    );
    const signature = await key.sign(noBytes);
    expect(toHex(signature)).toBe(
      'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
    );
    expect(await suite.verifySignature(key.publicKey, noBytes, signature)).toBe(true);
    expect(await suite.verifySignature(key.publicKey, utf8('x'), signature)).toBe(false);
    for (let at = 0; at < signature.length; at++) {
      const altered = signature.slice();
      altered[at]! ^= 1;
      expect(await suite.verifySignature(key.publicKey, noBytes, altered)).toBe(false);
    }
    expect(await suite.verifySignature(key.publicKey, noBytes, signature.subarray(1))).toBe(false);
    expect(await suite.verifySignature(noBytes, noBytes, signature)).toBe(false);
  });
});
