import * as commands from '../protocol/commands/index.ts';
import type { KeyType } from '../protocol/keys.ts';
import type { CallOptions } from './call-options.ts';
import type { KeyReference } from './keys.ts';
import type { Session } from './session.ts';
import { ChipStream } from './stream.ts';

/** Deadline of these commands, in milliseconds. */
const macDeadlineMs = 5_000;

/** With which key, and how. */
export interface MacSetup {
  /** Number of the key on the chip: an AES key for CMAC, a secret key for HMAC. */
  readonly key: number;
  readonly algorithm: 'cmac' | 'hmacSha256' | 'hmacSha384' | 'hmacSha512';
}

/** What to derive from. */
export interface Derivation {
  /** Number of a secret key on the chip. */
  readonly key: number;
  readonly hash: 'sha256' | 'sha384' | 'sha512';
  /** Up to 128 bytes; none unless given. */
  readonly salt?: Uint8Array;
  /** Up to 1,024 bytes; none unless given. */
  readonly info?: Uint8Array;
}

/** Authentication and derivation with keys of the chip. */
export interface Mac {
  /**
   * CMAC (NIST SP 800-38B, 16 bytes) or HMAC (FIPS 198-1, as long as the hash) of data that fits a
   * message.
   *
   * @throws DongleError `KEY_NOT_FOUND`, `INVALID_ARGUMENT` for a key of another type
   * @example
   * const { key } = await dongle.keys.generate({ type: 'aes128' });
   * const mac = await dongle.mac.compute({ key, algorithm: 'cmac', data });
   */
  compute(
    request: MacSetup & { readonly data: Uint8Array },
    options?: CallOptions,
  ): Promise<Uint8Array>;
  /**
   * The same over data of any length: `update` gives nothing, `finish` the MAC.
   *
   * @throws DongleError as `compute`, and `NO_SPACE` while the dongle has 8 streams already
   * @example
   * const { key } = await dongle.keys.generate({ type: 'secret' });
   * await using stream = await dongle.mac.stream({ key, algorithm: 'hmacSha256' });
   * await stream.update(data);
   * const mac = await stream.finish();
   */
  stream(setup: MacSetup, options?: CallOptions): Promise<ChipStream>;
  /**
   * Bytes derived by HKDF (RFC 5869) from a secret key.
   *
   * @param request - `count` bytes, up to 8,160 and 255 times the length of the hash
   * @throws DongleError as `compute`
   * @example
   * const { key } = await dongle.keys.generate({ type: 'secret' });
   * const derived = await dongle.mac.hkdf({ key, hash: 'sha256', count: 42 });
   */
  hkdf(
    request: Derivation & { readonly count: number },
    options?: CallOptions,
  ): Promise<Uint8Array>;
  /**
   * A session key derived in the same way, which stays on the chip: AES, a secret of 32 bytes, Ed25519
   * or X25519.
   *
   * @throws DongleError as `compute`, and `NO_SPACE`
   * @example
   * const { key } = await dongle.keys.generate({ type: 'secret' });
   * const derived = await dongle.mac.hkdfKey({ key, hash: 'sha256', type: 'aes256' });
   */
  hkdfKey(
    request: Derivation & { readonly type: KeyType },
    options?: CallOptions,
  ): Promise<KeyReference>;
}

/** These commands over a session. */
export function macOf(session: Session): Mac {
  return {
    async compute(request, options) {
      return (await session.call(commands.macCompute, request, macDeadlineMs, options)).mac;
    },
    async stream(setup, options) {
      const { stream } = await session.call(commands.macBegin, setup, macDeadlineMs, options);
      return new ChipStream(session, stream);
    },
    async hkdf(request, options) {
      return (await session.call(commands.hkdf, request, macDeadlineMs, options)).data;
    },
    hkdfKey: (request, options) => session.call(commands.hkdfKey, request, macDeadlineMs, options),
  };
}
