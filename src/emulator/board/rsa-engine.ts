import { checkPrime, generateKeyPair } from 'node:crypto';
import { fromBase64Url } from '../../bytes.ts';
import { importNodeRsaKey } from '../../crypto/node-rsa.ts';
import type { RsaPrivateKey } from '../../crypto/rsa.ts';
import type { KeyMaterial } from '../../protocol/keys.ts';
import { toNumber } from './big-number.ts';
import type { RandomSource } from './random.ts';
import { rsaNumbers } from './rsa-numbers.ts';

/** Key lengths that the engine takes, in bits. */
export type RsaBits = 2048 | 3072 | 4096;

/** A private key inside the engine. */
export interface RsaKey extends RsaPrivateKey {
  /** Big-endian, without leading zeros: 256, 384 or 512 bytes. */
  readonly modulus: Uint8Array;
  /** Big-endian, without leading zeros. */
  readonly exponent: Uint8Array;
}

/** The chip's big-number engine: slow, and beside the core, which goes on meanwhile. */
export interface RsaEngine {
  /** How many jobs it does at the same time. */
  readonly units: number;
  /** A new key, to be opened. */
  generate(bits: RsaBits): Promise<KeyMaterial>;
  /** Miller–Rabin, with bases at random. */
  isPrime(number: bigint): Promise<boolean>;
  /** Makes a key ready for use; its numbers must be those of an RSA key. */
  open(material: KeyMaterial): RsaKey;
}

/** RSA by OpenSSL on Node's thread pool, which has four threads unless told otherwise. */
export const nativeRsaEngine: RsaEngine = {
  units: 4,
  generate: generateNative,
  isPrime: isPrimeNative,
  open: (material) => openKey(material),
};

/**
 * The same with salts of the board's randomness, for simulation that can be replayed. Never for a
 * dongle that guards anything. Its keys still come from OpenSSL.
 */
export function seededRsaEngine(random: RandomSource): RsaEngine {
  return { ...nativeRsaEngine, open: (material) => openKey(material, random) };
}

function openKey(material: KeyMaterial, salts?: RandomSource): RsaKey {
  const numbers = rsaNumbers(material);
  return { modulus: numbers.n, exponent: numbers.e, ...importNodeRsaKey(numbers, salts) };
}

function isPrimeNative(number: bigint): Promise<boolean> {
  return new Promise((resolve, reject) => {
    checkPrime(number, (error, result) => {
      if (error) reject(error);
      else resolve(result);
    });
  });
}

function generateNative(bits: RsaBits): Promise<KeyMaterial> {
  return new Promise((resolve, reject) => {
    const options = {
      modulusLength: bits,
      privateKeyEncoding: { format: 'jwk' },
      publicKeyEncoding: { format: 'jwk' },
    };
    generateKeyPair(
      'rsa',
      // The types of Node 20 do not know that these encodings give a JWK.
      options as never,
      (error: Error | null, _publicKey: unknown, privateKey: unknown) => {
        if (error) reject(error);
        else resolve(materialOf(bits, privateKey as { p: string; q: string; e: string }));
      },
    );
  });
}

function materialOf(
  bits: RsaBits,
  { p, q, e }: { readonly p: string; readonly q: string; readonly e: string },
): KeyMaterial {
  const [first, second] = [fromBase64Url(p), fromBase64Url(q)];
  const [larger, smaller] = toNumber(first) > toNumber(second) ? [first, second] : [second, first];
  return { type: `rsa${bits}`, p: larger, q: smaller, exponent: fromBase64Url(e) };
}
