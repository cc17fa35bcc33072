import { describe, expect, it } from 'vitest';
import { suite } from '#crypto';
import { toHex, utf8 } from '../../../src/bytes.ts';
import { parseRoot } from '../../../src/protocol/certificates/root.ts';
import { testRoot } from '../../../src/protocol/certificates/test-root.ts';

const publicKey = 'ab'.repeat(32);
const file = {
  latchkeyRoot: 1,
  name: 'Acme root',
  publicKey,
  test: false,
  vendors: [7, 4294967295],
};

describe('parseRoot', () => {
  it('reads a root file', () => {
    expect(parseRoot(JSON.stringify(file))).toEqual({
      ok: true,
      value: {
        name: 'Acme root',
        publicKey: new Uint8Array(32).fill(0xab),
        test: false,
        vendors: [7, 4294967295],
      },
    });
    expect(parseRoot(JSON.stringify({ ...file, vendors: 'any', name: 'Müller 水' })).ok).toBe(true);
  });

  it.each<readonly [what: string, text: string, reason: RegExp]>([
    ['an empty file', '', /no "latchkeyRoot": 1/],
    ['something that is not JSON', '-----BEGIN CERTIFICATE-----', /no "latchkeyRoot": 1/],
    ['JSON that is not an object', 'null', /no "latchkeyRoot": 1/],
    ['a later format', JSON.stringify({ ...file, latchkeyRoot: 2 }), /no "latchkeyRoot": 1/],
    ['no name', JSON.stringify({ ...file, name: undefined }), /"name"/],
    ['an empty name', JSON.stringify({ ...file, name: '' }), /"name"/],
    ['a name with a terminal escape', JSON.stringify({ ...file, name: 'a\u001b[31m' }), /"name"/],
    ['a name that turns the text around', JSON.stringify({ ...file, name: 'a\u202eb' }), /"name"/],
    ['a name of 65 characters', JSON.stringify({ ...file, name: 'n'.repeat(65) }), /"name"/],
    ['a short key', JSON.stringify({ ...file, publicKey: publicKey.slice(2) }), /"publicKey"/],
    [
      'a key in base64',
      JSON.stringify({ ...file, publicKey: `${'A'.repeat(43)}=` }),
      /"publicKey"/,
    ],
    ['"false" in quotes', JSON.stringify({ ...file, test: 'false' }), /"test"/],
    ['no vendors', JSON.stringify({ ...file, vendors: undefined }), /"vendors"/],
    ['all vendors by another word', JSON.stringify({ ...file, vendors: 'all' }), /"vendors"/],
    ['a vendor over 32 bits', JSON.stringify({ ...file, vendors: [4294967296] }), /"vendors"/],
    ['a negative vendor', JSON.stringify({ ...file, vendors: [-1] }), /"vendors"/],
    ['a vendor as text', JSON.stringify({ ...file, vendors: ['7'] }), /"vendors"/],
  ])('refuses %s with one sentence', (_, text, reason) => {
    expect(parseRoot(text)).toEqual({
      ok: false,
      code: 'INVALID_ARGUMENT',
      detail: expect.stringMatching(
        new RegExp(
          `^This is not a latchkey root file: .*${reason.source}.*; ask the vendor .*\\.$`,
        ),
      ),
    });
  });
});

describe('testRoot', () => {
  it('has the key of the seed that everybody knows', async () => {
    const key = await suite.importSigningKey(suite.sha256(utf8('latchkey TEST root')));
    expect(toHex(testRoot.publicKey)).toBe(toHex(key.publicKey));
  });

  it('is a TEST root', () => {
    expect(testRoot).toMatchObject({ name: 'latchkey TEST root', test: true, vendors: 'any' });
  });
});
