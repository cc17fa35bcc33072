import type { CipherGCM, DecipherGCM, JsonWebKey, KeyObject } from 'node:crypto';
import { noBytes, plain } from '../bytes.ts';
import {
  fromBase64Url,
  importPrivate,
  publicHalf,
  recentEd25519Keys,
  sharedSecret,
} from './node-curves.ts';
import { importNodeRsaKey } from './node-rsa.ts';
import { openssl } from './openssl.ts';
import type { Aead, CryptoSuite, DhKey } from './suite.ts';

const cipherName = 'aes-256-gcm';
const tagBytes = 16;
const zeros = new Uint8Array(32);

// Everything below is synchronous, so one nonce buffer and one set of HMAC blocks serve all calls.
const nonce = new Uint8Array(12);
const nonceView = new DataView(nonce.buffer);

function nonceOf(counter: number): Uint8Array {
  nonceView.setUint32(4, counter / 0x1_0000_0000);
  nonceView.setUint32(8, counter % 0x1_0000_0000);
  return nonce;
}

/** The nonce of the counter 2^64 - 1, which REKEY alone uses (Noise §4.2, §5.1). */
const rekeyNonce = Uint8Array.of(0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255);

// Node gives a small array a new buffer outside the heap the first time it goes to native code.
// Handshake keys and hashes go there once or twice, so they go in these instead: half a µs each.
const cipherKey = new Uint8Array(new ArrayBuffer(32));
const cipherAd = new Uint8Array(new ArrayBuffer(32));

/** Memory that will be written whole: the caller's own, or else from Node's pool, uncleared. */
function memoryFor(length: number, out: Uint8Array | undefined): Uint8Array {
  if (out === undefined) return plain(Buffer.allocUnsafe(length));
  return out.length === length ? out : out.subarray(0, length);
}

/** A key of the handshake is used once or twice, one of a session thousands of times. */
const usesOfRawKey = 2;

function aead(key: Uint8Array): Aead {
  let uses = 0;
  let secret: KeyObject | undefined;
  function cipherKeyNow(): KeyObject | Uint8Array {
    if (secret !== undefined) return secret;
    if (++uses > usesOfRawKey) {
      secret = openssl().createSecretKey(key);
      return secret;
    }
    cipherKey.set(key);
    return cipherKey;
  }

  return {
    seal(counter, ad, plaintext, out) {
      const { length } = plaintext;
      const sealed = memoryFor(length + tagBytes, out);
      const cipher = openssl().createCipheriv(cipherName, cipherKeyNow(), nonceOf(counter));
      setAd(cipher, ad);
      if (length > 0) sealed.set(cipher.update(plaintext));
      cipher.final();
      sealed.set(cipher.getAuthTag(), length);
      return sealed;
    },
    open(counter, ad, sealed) {
      const length = sealed.length - tagBytes;
      if (length < 0) return undefined;
      const decipher = openssl().createDecipheriv(cipherName, cipherKeyNow(), nonceOf(counter));
      decipher.setAuthTag(sealed.subarray(length));
      setAd(decipher, ad);
      const plaintext = length > 0 ? plain(decipher.update(sealed.subarray(0, length))) : noBytes;
      try {
        decipher.final();
      } catch {
        return undefined;
      }
      return plaintext;
    },
    rekeyed() {
      return aead(plain(openssl().createCipheriv(cipherName, key, rekeyNonce).update(zeros)));
    },
  };
}

function setAd(cipher: CipherGCM | DecipherGCM, ad: Uint8Array): void {
  if (ad.length === 0) return;
  if (ad.length === cipherAd.length) {
    cipherAd.set(ad);
    cipher.setAAD(cipherAd);
  } else {
    cipher.setAAD(ad);
  }
}

// A digest comes faster as a string of 8-bit characters ('binary') than as a Buffer: 0.9 µs
// against 1.5 for 64 bytes on Node 20, copying it out included.
const digest = Buffer.from(new ArrayBuffer(32));

function sha256(data: Uint8Array): Uint8Array {
  digest.write(openssl().hash('sha256', data, 'binary'), 'binary');
  const out = new Uint8Array(32);
  out.set(digest);
  return out;
}

// HMAC by hand (RFC 2104) for HKDF: `createHmac` costs 4.0 µs, two one-shot hashes 1.7. The keys
// here have 32 bytes, so the second half of each block never changes.
const inner = Buffer.from(new ArrayBuffer(64 + 33)).fill(0x36);
const outer = Buffer.from(new ArrayBuffer(64 + 32)).fill(0x5c);
/** The block and a message of so many bytes. */
const innerOf = {
  0: inner.subarray(0, 64),
  1: inner.subarray(0, 65),
  32: inner.subarray(0, 96),
  33: inner,
};
const previous = inner.subarray(64, 96);

function setMacKey(key: Uint8Array): void {
  for (let i = 0; i < 32; i++) {
    const byte = key[i] as number;
    inner[i] = byte ^ 0x36;
    outer[i] = byte ^ 0x5c;
  }
}

/** HMAC of the message that stands in `inner` after the key: as a string of 8-bit characters. */
function mac(messageBytes: 0 | 1 | 32 | 33): string {
  outer.write(openssl().hash('sha256', innerOf[messageBytes], 'binary'), 64, 'binary');
  return openssl().hash('sha256', outer, 'binary');
}

function hkdf(chainingKey: Uint8Array, input: Uint8Array, outputs: 2 | 3): Uint8Array[] {
  if (input.length !== 0 && input.length !== 32) throw new RangeError('HKDF takes 0 or 32 bytes');
  setMacKey(chainingKey);
  inner.set(input, 64);
  digest.write(mac(input.length === 0 ? 0 : 32), 'binary');
  setMacKey(digest);
  const out: Uint8Array[] = [];
  for (let i = 1; i <= outputs; i++) {
    // The message is the previous output, if any, and the number of this one.
    inner[i === 1 ? 64 : 96] = i;
    inner.write(mac(i === 1 ? 1 : 33), 64, 'binary');
    const bytes = new Uint8Array(32);
    bytes.set(previous);
    out.push(bytes);
  }
  return out;
}

function dhKey(privateKey: KeyObject, publicKey: Uint8Array): DhKey {
  return { publicKey, diffieHellman: (remote) => sharedSecret(privateKey, remote) };
}

/** The u-coordinate 9 (RFC 7748 §4.1): its shared secret with a key is that key's public half. */
const basePoint = Uint8Array.of(9, ...new Uint8Array(31));

// Exporting the public KeyObject of a generated pair can deadlock the process for good when the
// garbage collector runs in between (seen on Node 20.20.2), so the generator itself exports.
// @types/node does not know that it can.
type GeneratePair = (
  type: 'x25519',
  options: { publicKeyEncoding: { format: 'jwk' } },
) => { publicKey: JsonWebKey; privateKey: KeyObject };
const generatePair: GeneratePair = (type, options) =>
  (openssl().generateKeyPairSync as unknown as GeneratePair)(type, options);
const jwkPublic = { publicKeyEncoding: { format: 'jwk' } } as const;

/** Randomness drawn ahead: a call for a few bytes costs 2.5 µs, a hundred times as many hardly more. */
const pool = new Uint8Array(2048);
let poolUsed = pool.length;

function randomBytes(count: number): Uint8Array {
  if (count > 64) return openssl().randomFillSync(new Uint8Array(count));
  if (poolUsed + count > pool.length) {
    openssl().randomFillSync(pool);
    poolUsed = 0;
  }
  const bytes = pool.slice(poolUsed, poolUsed + count);
  // Nobody else ever sees what has been given out.
  pool.fill(0, poolUsed, poolUsed + count);
  poolUsed += count;
  return bytes;
}

/** The suite on node:crypto; everything in it is synchronous. */
export const suite: CryptoSuite = {
  randomBytes,
  sha256,
  hmacSha256: (key, data) => plain(openssl().createHmac('sha256', key).update(data).digest()),
  hkdf,
  aead(key) {
    if (key.length !== 32) throw new RangeError('an AES-256 key has 32 bytes');
    return aead(key);
  },
  generateDhKey() {
    const { publicKey, privateKey } = generatePair('x25519', jwkPublic);
    return dhKey(privateKey, fromBase64Url(publicKey.x as string));
  },
  importDhKey(privateKey) {
    const key = importPrivate('X25519', privateKey);
    return dhKey(key, sharedSecret(key, basePoint));
  },
  importSigningKey(seed) {
    const key = importPrivate('Ed25519', seed);
    return {
      publicKey: publicHalf(key),
      sign: (message) => plain(openssl().sign(null, message, key)),
    };
  },
  importRsaKey: (numbers) => importNodeRsaKey(numbers),
  verifySignature(publicKey, message, signature) {
    if (publicKey.length !== 32 || signature.length !== 64) return false;
    return openssl().verify(null, message, recentEd25519Keys.import(publicKey), signature);
  },
};
