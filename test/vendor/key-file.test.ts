import { describe, expect, test } from 'vitest';
import { suite } from '#crypto';
import { fromHex, toHex, utf8 } from '../../src/bytes.ts';
import { openKey, sealKey } from '../../src/vendor/key-file.ts';

const seed = fromHex('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60');
const passphrase = 'correct horse battery';
const text = await sealKey('update', seed, passphrase);

const open = (file: string, words = passphrase, name = 'update') =>
  openKey(name, file, 'keys/update.key', words);

test('a key comes back with its passphrase and signs as before', async () => {
  const key = await open(text);
  // RFC 8032 §7.1, test 1.
  expect(toHex(key.publicKey)).toBe(
    'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
  );
  const signature = await key.sign(utf8('hello'));
  expect(await suite.verifySignature(key.publicKey, utf8('hello'), signature)).toBe(true);
});

test('the file does not hold the seed, and no two files are alike', async () => {
  expect(text).not.toContain(toHex(seed));
  const other = JSON.parse(await sealKey('update', seed, passphrase));
  const first = JSON.parse(text);
  expect(other.salt).not.toBe(first.salt);
  expect(other.sealed).not.toBe(first.sealed);
});

test('a passphrase counts as it reads, however its accents are composed', async () => {
  const file = await sealKey('time', seed, 'caf\u00e9 au lait');
  await expect(open(file, 'cafe\u0301 au lait', 'time')).resolves.toBeDefined();
});

test('a wrong passphrase is refused with one sentence', async () => {
  await expect(open(text, 'correct horse batterx')).rejects.toMatchObject({
    code: 'INVALID_ARGUMENT',
    message:
      'The passphrase does not open keys/update.key: it is not the right one, or the file was altered. Try again, or put a copy of the file back.',
  });
});

describe('a tampered file is refused', () => {
  const change = (changes: object) => JSON.stringify({ ...JSON.parse(text), ...changes });
  const flip = (hex: string) => (hex.startsWith('0') ? '1' : '0') + hex.slice(1);
  const { sealed, salt, publicKey } = JSON.parse(text);

  test.each([
    ['its sealed seed', change({ sealed: flip(sealed) }), /does not open/],
    ['its salt', change({ salt: flip(salt) }), /does not open/],
    ['its public key', change({ publicKey: flip(publicKey) }), /does not open/],
    ['its name', change({ name: 'issue' }), /not the file of the update key/],
    ['its format', change({ latchkeyKey: 2 }), /not the file of the update key/],
    ['a shorter seed', change({ sealed: sealed.slice(2) }), /not the file of the update key/],
    ['no text', change({ salt: 7 }), /not the file of the update key/],
    ['an end that is missing', text.slice(0, -20), /not the file of the update key/],
    ['another kind of file', 'null', /not the file of the update key/],
  ])('%s', async (_, file, sentence) => {
    await expect(open(file)).rejects.toThrow(sentence);
  });

  test('the file of another key, renamed', async () => {
    const renamed = JSON.stringify({
      ...JSON.parse(await sealKey('issue', seed, passphrase)),
      name: 'update',
    });
    await expect(open(renamed)).rejects.toThrow(/does not open/);
  });
});
