import type { RsaNumbers, RsaPrivateKey } from './rsa.ts';

/** A value, or a promise of it: Node computes at once where a page must wait for WebCrypto. */
export type MaybePromise<Value> = Value | Promise<Value>;

/**
 * AES-256-GCM under one key. The 12-byte nonce is Noise's: four zero bytes, then the counter as a
 * 64-bit big-endian number (Noise §12.4), so callers give the counter alone.
 */
export interface Aead {
  /**
   * Ciphertext and tag: `plaintext.length + 16` bytes, written to `out` from its beginning, or of
   * their own without it. Memory that is used again is quicker by a tenth for a long plaintext.
   */
  seal(counter: number, ad: Uint8Array, plaintext: Uint8Array, out?: Uint8Array): Uint8Array;
  /** The plaintext, of its own, or undefined when `sealed` does not authenticate. */
  open(counter: number, ad: Uint8Array, sealed: Uint8Array): Uint8Array | undefined;
  /** Noise REKEY (§4.2): the first 32 bytes of 32 zeros sealed under the counter 2^64 - 1. */
  rekeyed(): Aead;
}

/** An X25519 key whose private half stays behind this handle (RFC 7748). */
export interface DhKey {
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  /** The 32-byte shared secret with a 32-byte public key; rejects or throws on an all-zero result. */
  diffieHellman(remotePublicKey: Uint8Array): MaybePromise<Uint8Array>;
}

/** An Ed25519 key whose private half stays behind this handle (RFC 8032). */
export interface SigningKey {
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  /** A 64-byte signature. */
  sign(message: Uint8Array): MaybePromise<Uint8Array>;
}

/** The cryptography that latchkey needs from its surroundings. */
export interface CryptoSuite {
  /** Random bytes of cryptographic quality. */
  randomBytes(count: number): Uint8Array;
  /** SHA-256 of one byte string: 32 bytes. */
  sha256(data: Uint8Array): Uint8Array;
  /** HMAC-SHA-256: 32 bytes. */
  hmacSha256(key: Uint8Array, data: Uint8Array): Uint8Array;
  /**
   * Noise's HKDF (§4.3) on HMAC-SHA-256: two or three outputs of 32 bytes. `chainingKey` is 32
   * bytes, `input` none or 32.
   */
  hkdf(chainingKey: Uint8Array, input: Uint8Array, outputs: 2 | 3): Uint8Array[];
  /** AES-256-GCM under a 32-byte key, which is kept, not copied: it must not be written to. */
  aead(key: Uint8Array): Aead;
  /** A fresh X25519 key. */
  generateDhKey(): MaybePromise<DhKey>;
  /** The X25519 key with these 32 private bytes. */
  importDhKey(privateKey: Uint8Array): MaybePromise<DhKey>;
  /** The Ed25519 key with this 32-byte seed. */
  importSigningKey(seed: Uint8Array): MaybePromise<SigningKey>;
  /** The private RSA key with these numbers. A page cannot do all that is asked of it: `UNSUPPORTED`. */
  importRsaKey(numbers: RsaNumbers): RsaPrivateKey;
  /** Whether `signature` (64 bytes) is `publicKey`'s over `message`; false for malformed input. */
  verifySignature(
    publicKey: Uint8Array,
    message: Uint8Array,
    signature: Uint8Array,
  ): MaybePromise<boolean>;
}
