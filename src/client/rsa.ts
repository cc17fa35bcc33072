import * as commands from '../protocol/commands/index.ts';
import type { CallOptions } from './call-options.ts';
import type { Session } from './session.ts';

/** Deadline of signing and reading, in milliseconds. */
const signDeadlineMs = 10_000;

/** A chip may take minutes to find the primes of a long key. */
const generateDeadlineMs = 300_000;

/** An RSA key on the chip, by its number. */
export interface RsaKeyReference {
  readonly key: number;
}

/** The public half of an RSA key; both numbers are big-endian, without leading zeros. */
export interface RsaPublicKey {
  /** 256, 384 or 512 bytes. */
  readonly modulus: Uint8Array;
  readonly exponent: Uint8Array;
}

/** What to sign, and how. */
export interface RsaSigning {
  /** Number of the key on the chip. */
  readonly key: number;
  /** RSASSA-PKCS1-v1_5, or RSASSA-PSS with MGF1 of the same hash and a salt as long as the hash. */
  readonly scheme: 'pkcs1' | 'pss';
  readonly hash: 'sha256' | 'sha384' | 'sha512';
  /** The message itself, which the chip hashes; at most what one message of the link holds. */
  readonly message: Uint8Array;
}

/** RSA on the chip (RFC 8017). */
export interface Rsa {
  /**
   * Generates a key whose private half never leaves the chip. It lives as long as the session.
   *
   * @throws DongleError `NO_SPACE` where the chip holds no more keys, `BUSY`
   * @example
   * const { key } = await dongle.rsa.generate({ bits: 3072 });
   */
  generate(
    request: { readonly bits: 2048 | 3072 | 4096 },
    options?: CallOptions,
  ): Promise<RsaKeyReference>;
  /**
   * Reads the public half of a key.
   *
   * @throws DongleError `KEY_NOT_FOUND`
   * @example
   * const { modulus, exponent } = await dongle.rsa.publicKey({ key });
   */
  publicKey(request: RsaKeyReference, options?: CallOptions): Promise<RsaPublicKey>;
  /**
   * Hashes and signs a message; the signature is as long as the modulus.
   *
   * @throws DongleError `KEY_NOT_FOUND`, `BUSY`
   * @example
   * const signature = await dongle.rsa.sign({ key, scheme: 'pss', hash: 'sha256', message });
   */
  sign(request: RsaSigning, options?: CallOptions): Promise<Uint8Array>;
}

/** The RSA commands over a session. */
export function rsaOf(session: Session): Rsa {
  return {
    generate: (request, options) =>
      session.call(commands.rsaGenerate, request, generateDeadlineMs, options),
    publicKey: (request, options) =>
      session.call(commands.rsaPublicKey, request, signDeadlineMs, options),
    async sign(request, options) {
      return (await session.call(commands.rsaSign, request, signDeadlineMs, options)).signature;
    },
  };
}
