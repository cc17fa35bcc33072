import { type CipherGCM, createCipheriv, createDecipheriv, type DecipherGCM } from 'node:crypto';

/** Modes of operation: NIST SP 800-38A (CFB with 128 bits) and SP 800-38D (GCM). */
export type AesMode = 'ecb' | 'cbc' | 'ctr' | 'cfb' | 'gcm';

/** What an operation is begun with. */
export interface AesSetup {
  readonly mode: AesMode;
  /** 16, 24 or 32 bytes. */
  readonly key: Uint8Array;
  /** None for ECB, any length for GCM, else 16 bytes. */
  readonly iv: Uint8Array;
  /** Authenticated by GCM; else empty. */
  readonly ad: Uint8Array;
}

/** Bytes of the GCM tag, which stands behind the ciphertext. */
const gcmTagBytes = 16;

/** An operation under way, whose state is the engine's. */
export interface AesStream {
  update(data: Uint8Array): Uint8Array;
  /** What is still to come: the tag, where GCM encrypts. */
  finish(): Uint8Array;
}

/** The chip's AES engine. ECB and CBC do no padding: their data is whole 16-byte blocks. */
export interface AesEngine {
  encrypt(setup: AesSetup, data: Uint8Array): Uint8Array;
  /** Undefined when the data does not authenticate (GCM). */
  decrypt(setup: AesSetup, data: Uint8Array): Uint8Array | undefined;
  /** Begins a stream; GCM only encrypts in one. */
  begin(direction: 'encrypt' | 'decrypt', setup: AesSetup): AesStream;
}

/** AES by OpenSSL. */
export const nativeAesEngine: AesEngine = {
  encrypt(setup, data) {
    const cipher = cipherOf(setup);
    if (setup.mode !== 'gcm') return cipher.update(data);
    const out = new Uint8Array(data.length + gcmTagBytes);
    out.set(cipher.update(data));
    cipher.final();
    out.set((cipher as CipherGCM).getAuthTag(), data.length);
    return out;
  },

  decrypt(setup, data) {
    const decipher = decipherOf(setup);
    if (setup.mode !== 'gcm') return decipher.update(data);
    const length = data.length - gcmTagBytes;
    if (length < 0) return undefined;
    (decipher as DecipherGCM).setAuthTag(data.subarray(length));
    const out = decipher.update(data.subarray(0, length));
    try {
      decipher.final();
    } catch {
      return undefined;
    }
    return out;
  },

  begin(direction, setup) {
    const cipher = direction === 'encrypt' ? cipherOf(setup) : decipherOf(setup);
    return {
      update: (data) => cipher.update(data),
      finish() {
        const rest = cipher.final();
        return setup.mode === 'gcm' ? (cipher as CipherGCM).getAuthTag() : rest;
      },
    };
  },
};

function nameOf({ mode, key }: AesSetup): string {
  return `aes-${8 * key.length}-${mode}`;
}

function cipherOf(setup: AesSetup) {
  const { mode, key, iv, ad } = setup;
  const cipher = createCipheriv(nameOf(setup), key, mode === 'ecb' ? null : iv);
  if (mode === 'gcm') (cipher as CipherGCM).setAAD(ad);
  return cipher.setAutoPadding(false);
}

function decipherOf(setup: AesSetup) {
  const { mode, key, iv, ad } = setup;
  const decipher = createDecipheriv(nameOf(setup), key, mode === 'ecb' ? null : iv);
  if (mode === 'gcm') (decipher as DecipherGCM).setAAD(ad);
  return decipher.setAutoPadding(false);
}
