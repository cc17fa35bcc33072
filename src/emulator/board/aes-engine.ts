import { createCipheriv, createDecipheriv } from 'node:crypto';

/** Modes of operation: NIST SP 800-38A (CBC, CTR) and SP 800-38D (GCM). */
export type AesMode = 'cbc' | 'ctr' | 'gcm';

/** Bytes of the GCM tag, which stands behind the ciphertext. */
const tagBytes = 16;

/** The chip's AES-256 engine. CBC does no padding: its data is whole 16-byte blocks. */
export interface AesEngine {
  encrypt(
    mode: AesMode,
    key: Uint8Array,
    iv: Uint8Array,
    ad: Uint8Array,
    data: Uint8Array,
  ): Uint8Array;
  /** Undefined when the data does not authenticate (GCM). */
  decrypt(
    mode: AesMode,
    key: Uint8Array,
    iv: Uint8Array,
    ad: Uint8Array,
    data: Uint8Array,
  ): Uint8Array | undefined;
}

/** AES by OpenSSL. */
export const nativeAesEngine: AesEngine = {
  encrypt(mode, key, iv, ad, data) {
    if (mode === 'gcm') {
      const cipher = createCipheriv('aes-256-gcm', key, iv);
      cipher.setAAD(ad);
      const out = new Uint8Array(data.length + tagBytes);
      out.set(cipher.update(data));
      cipher.final();
      out.set(cipher.getAuthTag(), data.length);
      return out;
    }
    const cipher = createCipheriv(`aes-256-${mode}`, key, iv).setAutoPadding(false);
    const out = Uint8Array.from(cipher.update(data));
    cipher.final();
    return out;
  },

  decrypt(mode, key, iv, ad, data) {
    if (mode === 'gcm') {
      if (data.length < tagBytes) return undefined;
      const decipher = createDecipheriv('aes-256-gcm', key, iv);
      decipher.setAAD(ad);
      decipher.setAuthTag(data.subarray(data.length - tagBytes));
      const out = Uint8Array.from(decipher.update(data.subarray(0, data.length - tagBytes)));
      try {
        decipher.final();
      } catch {
        return undefined;
      }
      return out;
    }
    const decipher = createDecipheriv(`aes-256-${mode}`, key, iv).setAutoPadding(false);
    const out = Uint8Array.from(decipher.update(data));
    decipher.final();
    return out;
  },
};
