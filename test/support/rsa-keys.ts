import { constants, createPublicKey, publicEncrypt, verify } from 'node:crypto';
import { nativeRsaEngine, type RsaEngine } from '../../src/emulator/index.ts';
import type { KeyMaterial, RsaPublicKey } from '../../src/index.ts';
import pool from '../fixtures/rsa-keys.json' with { type: 'json' };

const fromText = (text: string) => Uint8Array.from(Buffer.from(text, 'base64url'));
const toText = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url');

/** The keys of the fixtures that have so many bits. */
export function fixtureKeys(bits: 2048 | 3072 | 4096): KeyMaterial[] {
  return pool.keys
    .filter((key) => key.bits === bits)
    .map(({ p, q, e }) => {
      return { type: `rsa${bits}`, p: fromText(p), q: fromText(q), exponent: fromText(e) };
    });
}

/** An engine that makes these keys, one after the other, in no time. */
export function engineOf(
  keys: readonly KeyMaterial[],
  engine: RsaEngine = nativeRsaEngine,
): RsaEngine {
  let made = 0;
  return { ...engine, generate: async () => keys[made++ % keys.length] as KeyMaterial };
}

function publicKeyOf({ modulus, exponent }: RsaPublicKey) {
  const key = { kty: 'RSA', n: toText(modulus), e: toText(exponent) };
  return createPublicKey({ key, format: 'jwk' });
}

/** Whether OpenSSL takes a signature whose PSS salt has exactly so many bytes. */
export function takesSignature(
  publicKey: RsaPublicKey,
  scheme: 'pkcs1' | 'pss',
  hash: string,
  message: Uint8Array,
  signature: Uint8Array,
  saltLength = 0,
): boolean {
  const key = publicKeyOf(publicKey);
  const padding = scheme === 'pss' ? constants.RSA_PKCS1_PSS_PADDING : constants.RSA_PKCS1_PADDING;
  return verify(hash, message, { key, padding, saltLength }, signature);
}

/** Encrypts by RSAES-OAEP with one hash. */
export function encryptOaep(
  publicKey: RsaPublicKey,
  oaepHash: string,
  data: Uint8Array,
  label?: Uint8Array,
): Uint8Array {
  const key = publicKeyOf(publicKey);
  const padding = constants.RSA_PKCS1_OAEP_PADDING;
  return Uint8Array.from(
    publicEncrypt({ key, padding, oaepHash, ...(label && { oaepLabel: label }) }, data),
  );
}
