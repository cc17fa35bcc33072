import { concatBytes, fromHex } from '../bytes.ts';
import { openssl } from './openssl.ts';
import { hashBytes, type OaepHash, type SigningHash } from './rsa.ts';

// How bytes become the number that RSA works on (RFC 8017), for what Node has no call of its own.

/** DER of DigestInfo in front of the hash (RFC 8017 §9.2, note 1). */
const digestInfos = {
  sha256: fromHex('3031300d060960864801650304020105000420'),
  sha384: fromHex('3041300d060960864801650304020205000430'),
  sha512: fromHex('3051300d060960864801650304020305000440'),
} as const;

export function hashOf(hash: OaepHash, ...parts: readonly Uint8Array[]): Uint8Array {
  const state = openssl().createHash(hash);
  for (const part of parts) state.update(part);
  return Uint8Array.from(state.digest());
}

/** EMSA-PKCS1-v1_5 (§9.2) of a hash. */
export function encodePkcs1(hash: SigningHash, digest: Uint8Array, bytes: number): Uint8Array {
  const info = concatBytes(digestInfos[hash], digest);
  const out = new Uint8Array(bytes).fill(0xff);
  out.set([0, 1]);
  out[bytes - info.length - 1] = 0;
  out.set(info, bytes - info.length);
  return out;
}

/** EMSA-PSS (§9.1.1) of a hash, with MGF1 of the same hash. The modulus has whole bytes. */
export function encodePss(
  hash: SigningHash,
  digest: Uint8Array,
  salt: Uint8Array,
  bytes: number,
): Uint8Array {
  const seed = hashOf(hash, new Uint8Array(8), digest, salt);
  const block = new Uint8Array(bytes - seed.length - 1);
  block[block.length - salt.length - 1] = 1;
  block.set(salt, block.length - salt.length);
  mask(block, hash, seed);
  // The number has one bit less than the modulus.
  block[0] = (block[0] as number) & 0x7f;
  return concatBytes(block, seed, Uint8Array.of(0xbc));
}

/**
 * The message of EME-OAEP (§7.1.2); undefined where it is none. What is wrong, and where the message
 * begins, shows neither in the answer nor in how long it takes (Manger's attack): every byte is looked
 * at, and nothing is decided before the end.
 */
export function decodeOaep(
  encoded: Uint8Array,
  hash: OaepHash,
  maskHash: OaepHash,
  label: Uint8Array,
): Uint8Array | undefined {
  const digestBytes = hashBytes[hash];
  if (encoded.length < 2 * digestBytes + 2) return undefined;
  const seed = encoded.slice(1, 1 + digestBytes);
  const block = encoded.slice(1 + digestBytes);
  mask(seed, maskHash, block);
  mask(block, maskHash, seed);
  const expected = hashOf(hash, label);
  let wrong = encoded[0] as number;
  for (let i = 0; i < digestBytes; i++) wrong |= (block[i] as number) ^ (expected[i] as number);
  // 1 until the byte 01 in front of the message has been seen.
  let searching = 1;
  let begin = 0;
  for (let i = digestBytes; i < block.length; i++) {
    const byte = block[i] as number;
    const isOne = isZero(byte ^ 1);
    begin += searching & isOne ? i + 1 : 0;
    wrong |= searching & (1 - isOne) & (1 - isZero(byte));
    searching &= 1 - isOne;
  }
  return (wrong | searching) === 0 ? block.slice(begin) : undefined;
}

/** 1 for a byte of 0, else 0. */
function isZero(byte: number): number {
  return ((byte - 1) >>> 31) & 1;
}

/** Masks bytes with MGF1 of a seed (§B.2.1). */
function mask(bytes: Uint8Array, hash: OaepHash, seed: Uint8Array): void {
  const counter = new Uint8Array(4);
  for (let at = 0, i = 0; at < bytes.length; i++) {
    counter[3] = i;
    for (const byte of hashOf(hash, seed, counter)) {
      if (at === bytes.length) break;
      bytes[at] = (bytes[at] as number) ^ byte;
      at++;
    }
  }
}
