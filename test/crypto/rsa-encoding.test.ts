import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { concatBytes, utf8 } from '../../src/bytes.ts';
import { decodeOaep } from '../../src/crypto/rsa-encoding.ts';
import { createRandom, seed } from '../support/seed.ts';

const bytes = 256;
const label = utf8('label');
const message = utf8('a message');
const random = createRandom(seed);

const hashOf = (hash: string, data: Uint8Array) =>
  Uint8Array.from(createHash(hash).update(data).digest());

/** MGF1 (RFC 8017 §B.2.1), of which all is made before it is used. */
function masked(data: Uint8Array, hash: string, from: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [];
  for (let i = 0; i < 16; i++)
    parts.push(hashOf(hash, concatBytes(from, Uint8Array.of(0, 0, 0, i))));
  const mask = concatBytes(...parts);
  return data.map((byte, i) => byte ^ (mask[i] as number));
}

/** EME-OAEP (RFC 8017 §7.1.1) of a block that is altered before it is masked. */
function encode(alter: (block: Uint8Array) => void = () => {}, first = 0): Uint8Array {
  const block = new Uint8Array(bytes - 33);
  block.set(hashOf('sha256', label));
  block.set(message, block.length - message.length);
  block[block.length - message.length - 1] = 1;
  alter(block);
  const seedBytes = random.bytes(32);
  const maskedBlock = masked(block, 'sha1', seedBytes);
  return concatBytes(Uint8Array.of(first), masked(seedBytes, 'sha1', maskedBlock), maskedBlock);
}

const decode = (encoded: Uint8Array) => decodeOaep(encoded, 'sha256', 'sha1', label);

test('gives the message, of any length that fits', () => {
  expect(decode(encode())).toEqual(message);
  const empty = encode((block) => {
    block.fill(0, 32);
    block[block.length - 1] = 1;
  });
  expect(decode(empty)).toEqual(new Uint8Array(0));
  const full = encode((block) => block.fill(1, 32));
  expect(decode(full)).toEqual(new Uint8Array(bytes - 66).fill(1));
});

test(`takes no other encoding (SEED=${seed})`, () => {
  for (let first = 1; first < 256; first++)
    expect(decode(encode(undefined, first))).toBeUndefined();
  // The hash of the label, and the zeros behind it.
  const mark = bytes - 33 - message.length - 1;
  for (let at = 0; at < mark; at++) {
    const flipped = encode((block) => {
      block[at] = (block[at] as number) ^ (at < 32 ? 1 << (at % 8) : 2 + random.below(254));
    });
    expect(decode(flipped), `byte ${at}`).toBeUndefined();
  }
  expect(decode(encode((block) => block.fill(0, 32)))).toBeUndefined();
  for (let mistake = 2; mistake < 256; mistake++) {
    const marked = encode((block) => {
      block[mark] = mistake;
    });
    expect(decode(marked), `mark ${mistake}`).toBeUndefined();
  }
});
