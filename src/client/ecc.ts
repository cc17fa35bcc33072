import * as commands from '../protocol/commands/index.ts';
import type { CallOptions } from './call-options.ts';
import type { KeyReference } from './keys.ts';
import type { Session } from './session.ts';

/** Deadline of these commands, in milliseconds. */
const eccDeadlineMs = 5_000;

/** What to sign, and how. */
export interface EccSigning {
  /** Number of a P-256 or an Ed25519 key on the chip. */
  readonly key: number;
  /** With P-256: the hash of ECDSA. Ed25519 has its own. */
  readonly hash?: 'sha256' | 'sha384' | 'sha512';
  /** The message, at most what one message of the link holds; or, with P-256, `digest`. */
  readonly message?: Uint8Array;
  /** The hash of a message of any length. */
  readonly digest?: Uint8Array;
}

/** Elliptic curves on the chip: ECDSA P-256 (FIPS 186-5), Ed25519 (RFC 8032), X25519 (RFC 7748). */
export interface Ecc {
  /**
   * Reads the public half of a key: 64 bytes (x and y) of P-256, 32 of Ed25519 and X25519.
   *
   * @throws DongleError `KEY_NOT_FOUND`, `INVALID_ARGUMENT` for another type of key
   * @example
   * const { key } = await dongle.keys.generate({ type: 'p256' });
   * const publicKey = await dongle.ecc.publicKey({ key });
   */
  publicKey(request: KeyReference, options?: CallOptions): Promise<Uint8Array>;
  /**
   * Signs a message: 64 bytes, of P-256 r and s.
   *
   * @throws DongleError as `publicKey`, and `LOGIN_REQUIRED` for a private key
   * @example
   * const { key } = await dongle.keys.generate({ type: 'ed25519' });
   * const signature = await dongle.ecc.sign({ key, message });
   */
  sign(request: EccSigning, options?: CallOptions): Promise<Uint8Array>;
  /**
   * The shared secret (32 bytes) of an X25519 key with another's public key (32 bytes).
   *
   * @throws DongleError as `sign`, and `INVALID_ARGUMENT` where the secret would be all zeros
   * @example
   * const mine = await dongle.keys.generate({ type: 'x25519' });
   * const publicKey = await dongle.ecc.publicKey(await dongle.keys.generate({ type: 'x25519' }));
   * const secret = await dongle.ecc.agree({ key: mine.key, publicKey });
   */
  agree(
    request: KeyReference & { readonly publicKey: Uint8Array },
    options?: CallOptions,
  ): Promise<Uint8Array>;
}

/** These commands over a session. */
export function eccOf(session: Session): Ecc {
  return {
    async publicKey(request, options) {
      return (await session.call(commands.eccPublicKey, request, eccDeadlineMs, options)).publicKey;
    },
    async sign(request, options) {
      return (await session.call(commands.eccSign, request, eccDeadlineMs, options)).signature;
    },
    async agree(request, options) {
      return (await session.call(commands.eccAgree, request, eccDeadlineMs, options)).secret;
    },
  };
}
