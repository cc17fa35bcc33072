import { type Cipher, createCipheriv, createHmac, hkdfSync } from 'node:crypto';

/** Hashes of HMAC and HKDF (FIPS 180-4). */
export type MacHash = 'sha256' | 'sha384' | 'sha512';

/** CMAC (NIST SP 800-38B) under an AES key, HMAC (FIPS 198-1) under any. */
export type MacAlgorithm = 'cmac' | 'hmacSha256' | 'hmacSha384' | 'hmacSha512';

/** A MAC that is being computed. */
export interface MacStream {
  update(data: Uint8Array): void;
  /** 16 bytes of CMAC, as many as the hash has of HMAC. */
  finish(): Uint8Array;
}

/** The chip's engine for authentication and derivation. */
export interface MacEngine {
  begin(algorithm: MacAlgorithm, key: Uint8Array): MacStream;
  /** HKDF (RFC 5869): at most 255 times the length of the hash. */
  derive(
    hash: MacHash,
    key: Uint8Array,
    salt: Uint8Array,
    info: Uint8Array,
    count: number,
  ): Uint8Array;
}

/** MACs by OpenSSL's AES and hashes. */
export const nativeMacEngine: MacEngine = {
  begin(algorithm, key) {
    if (algorithm === 'cmac') return new Cmac(key);
    const hmac = createHmac(hashes[algorithm], key);
    return {
      update: (data) => {
        hmac.update(data);
      },
      finish: () => hmac.digest(),
    };
  },
  derive: (hash, key, salt, info, count) =>
    count === 0 ? new Uint8Array(0) : new Uint8Array(hkdfSync(hash, key, salt, info, count)),
};

const hashes = { hmacSha256: 'sha256', hmacSha384: 'sha384', hmacSha512: 'sha512' } as const;

const blockBytes = 16;
const zeros = new Uint8Array(blockBytes);

/** CMAC: AES-CBC over the message, its last block masked (NIST SP 800-38B §6.2). */
class Cmac implements MacStream {
  readonly #key: Uint8Array;
  readonly #cbc: Cipher;
  /** The last block so far, whole or not: how it is masked is known at the end. */
  readonly #last = new Uint8Array(blockBytes);
  #lastBytes = 0;

  constructor(key: Uint8Array) {
    this.#key = key;
    this.#cbc = createCipheriv(`aes-${8 * key.length}-cbc`, key, zeros).setAutoPadding(false);
  }

  update(data: Uint8Array): void {
    let rest = data;
    while (rest.length > 0) {
      if (this.#lastBytes === blockBytes) {
        this.#cbc.update(this.#last);
        this.#lastBytes = 0;
      }
      // All that is surely not the last block goes at once.
      const whole = this.#lastBytes === 0 ? (rest.length - 1) & -blockBytes : 0;
      if (whole > 0) {
        this.#cbc.update(rest.subarray(0, whole));
        rest = rest.subarray(whole);
      }
      const part = rest.subarray(0, blockBytes - this.#lastBytes);
      this.#last.set(part, this.#lastBytes);
      this.#lastBytes += part.length;
      rest = rest.subarray(part.length);
    }
  }

  finish(): Uint8Array {
    const isWhole = this.#lastBytes === blockBytes;
    if (!isWhole) {
      this.#last.fill(0, this.#lastBytes);
      this.#last[this.#lastBytes] = 0x80;
    }
    const ecb = createCipheriv(`aes-${8 * this.#key.length}-ecb`, this.#key, null);
    const first = doubled(ecb.setAutoPadding(false).update(zeros));
    const mask = isWhole ? first : doubled(first);
    for (let i = 0; i < blockBytes; i++) {
      this.#last[i] = (this.#last[i] as number) ^ (mask[i] as number);
    }
    return this.#cbc.update(this.#last);
  }
}

/** Twice a number of GF(2^128), as the subkeys are made (SP 800-38B §6.1). */
function doubled(block: Uint8Array): Uint8Array {
  const out = new Uint8Array(blockBytes);
  for (let i = 0; i < blockBytes; i++) {
    out[i] = ((block[i] as number) << 1) | ((block[i + 1] ?? 0) >> 7);
  }
  const carry = (block[0] as number) >> 7;
  out[blockBytes - 1] = (out[blockBytes - 1] as number) ^ (0x87 * carry);
  return out;
}
