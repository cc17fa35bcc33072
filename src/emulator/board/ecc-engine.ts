import { createECDH, createPrivateKey, sign } from 'node:crypto';
import { base64Url, concatBytes } from '../../bytes.ts';
import { importPrivate, publicHalf, sharedSecret } from '../../crypto/node-curves.ts';
import type { SigningHash, SigningInput } from '../../crypto/rsa.ts';
import { hashOf } from '../../crypto/rsa-encoding.ts';
import { inverse, toBytes, toNumber } from './big-number.ts';
import { type RandomSource, systemRandom } from './random.ts';

/** The order of P-256 (SP 800-186 §3.2.1.3). */
export const p256Order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** The chip's engine for elliptic curves. Private keys are 32 bytes; all of it is quick. */
export interface EccEngine {
  /** x and y, 32 bytes each. */
  p256PublicKey(privateKey: Uint8Array): Uint8Array;
  /** r and s, 32 bytes each (FIPS 186-5 §6.4.1). */
  signP256(privateKey: Uint8Array, hash: SigningHash, input: SigningInput): Uint8Array;
  ed25519PublicKey(seed: Uint8Array): Uint8Array;
  signEd25519(seed: Uint8Array, message: Uint8Array): Uint8Array;
  x25519PublicKey(privateKey: Uint8Array): Uint8Array;
  /** Undefined where the result is all zeros (RFC 7748 §6.1). */
  agreeX25519(privateKey: Uint8Array, publicKey: Uint8Array): Uint8Array | undefined;
}

/** Curves by OpenSSL. */
export const nativeEccEngine: EccEngine = {
  p256PublicKey: (privateKey) => pointOf(privateKey).slice(1),
  signP256(privateKey, hash, input) {
    // Node signs messages alone.
    if ('digest' in input) return signWithNonces(privateKey, input.digest, systemRandom);
    const [d, point] = [base64Url(privateKey), pointOf(privateKey)];
    const [x, y] = [base64Url(point.subarray(1, 33)), base64Url(point.subarray(33))];
    const key = createPrivateKey({ key: { kty: 'EC', crv: 'P-256', d, x, y }, format: 'jwk' });
    return Uint8Array.from(sign(hash, input.message, { key, dsaEncoding: 'ieee-p1363' }));
  },
  ed25519PublicKey: (seed) => publicHalf(importPrivate('Ed25519', seed)),
  signEd25519: (seed, message) =>
    Uint8Array.from(sign(null, message, importPrivate('Ed25519', seed))),
  x25519PublicKey: (privateKey) => publicHalf(importPrivate('X25519', privateKey)),
  agreeX25519(privateKey, publicKey) {
    try {
      return sharedSecret(importPrivate('X25519', privateKey), publicKey);
    } catch {
      // OpenSSL refuses a result of zeros.
      return undefined;
    }
  },
};

/**
 * The same with the nonces of ECDSA from the board's randomness, for simulation that can be replayed.
 * Never for a dongle that guards anything.
 */
export function seededEccEngine(random: RandomSource): EccEngine {
  return {
    ...nativeEccEngine,
    signP256: (privateKey, hash, input) =>
      signWithNonces(
        privateKey,
        'digest' in input ? input.digest : hashOf(hash, input.message),
        random,
      ),
  };
}

/** ECDSA with OpenSSL's multiplication on the curve (FIPS 186-5 §6.4.1). */
function signWithNonces(
  privateKey: Uint8Array,
  digest: Uint8Array,
  random: RandomSource,
): Uint8Array {
  const e = toNumber(digest.subarray(0, 32));
  for (;;) {
    const nonce = random(32);
    const k = toNumber(nonce);
    if (k === 0n || k >= p256Order) continue;
    const r = toNumber(pointOf(nonce).subarray(1, 33)) % p256Order;
    // Blinded: arithmetic of JavaScript takes as long as its numbers say, so it sees neither k nor d.
    const blind = toNumber(random(16)) + 1n;
    const blinded = inverse((blind * k) % p256Order, p256Order) as bigint;
    const d = (blind * toNumber(privateKey)) % p256Order;
    const s = (blinded * ((blind * e + r * d) % p256Order)) % p256Order;
    if (r !== 0n && s !== 0n) return concatBytes(toBytes(r, 32), toBytes(s, 32));
  }
}

/** The base point times a number: 04, x and y. */
function pointOf(privateKey: Uint8Array): Uint8Array {
  const ecdh = createECDH('prime256v1');
  ecdh.setPrivateKey(privateKey);
  return ecdh.getPublicKey();
}
