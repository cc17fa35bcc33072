import type { KeyObject } from 'node:crypto';
import { plain } from '../bytes.ts';
import { openssl } from './openssl.ts';

// X25519 and Ed25519 keys on OpenSSL.

type Curve = 'X25519' | 'Ed25519';

// Keys go in and out as JWK (RFC 8037): DER costs 74 µs for a public key where JWK costs 5.
const rawKey = Buffer.from(new ArrayBuffer(32));

function toBase64Url(key: Uint8Array): string {
  if (key.length !== rawKey.length) throw new RangeError('a key has 32 bytes');
  rawKey.set(key);
  return rawKey.toString('base64url');
}

/** The 32 bytes of a text that Node has written. */
export function fromBase64Url(text: string): Uint8Array {
  rawKey.write(text, 'base64url');
  const out = new Uint8Array(32);
  out.set(rawKey);
  return out;
}

/** Node takes the private half from `d` alone, but insists on an `x` of the right length. */
const noPublicHalf = toBase64Url(new Uint8Array(32));

/** The private key with these 32 bytes. */
export function importPrivate(crv: Curve, privateKey: Uint8Array): KeyObject {
  const key = { kty: 'OKP', crv, d: toBase64Url(privateKey), x: noPublicHalf };
  return openssl().createPrivateKey({ key, format: 'jwk' });
}

/**
 * Public keys that were imported lately. A handshake meets each of theirs twice, and a host meets
 * the same dongle, issuer and root again and again.
 */
class RecentKeys {
  readonly #curve: Curve;
  readonly #keys = new Map<string, KeyObject>();

  constructor(curve: Curve) {
    this.#curve = curve;
  }

  import(publicKey: Uint8Array): KeyObject {
    const x = toBase64Url(publicKey);
    const known = this.#keys.get(x);
    if (known !== undefined) return known;
    const key = openssl().createPublicKey({
      key: { kty: 'OKP', crv: this.#curve, x },
      format: 'jwk',
    });
    if (this.#keys.size === recentKeyLimit)
      this.#keys.delete(this.#keys.keys().next().value as string);
    this.#keys.set(x, key);
    return key;
  }
}

const recentKeyLimit = 64;
const x25519Keys = new RecentKeys('X25519');
export const recentEd25519Keys = new RecentKeys('Ed25519');

/** The X25519 secret. OpenSSL itself refuses an all-zero one, which RFC 7748 §6.1 leaves to the protocol. */
export function sharedSecret(privateKey: KeyObject, remotePublicKey: Uint8Array): Uint8Array {
  return plain(
    openssl().diffieHellman({ privateKey, publicKey: x25519Keys.import(remotePublicKey) }),
  );
}

/** The public half of a key that was imported: 32 bytes. */
export function publicHalf(key: KeyObject): Uint8Array {
  const { x } = openssl().createPublicKey(key).export({ format: 'jwk' });
  return fromBase64Url(x as string);
}
