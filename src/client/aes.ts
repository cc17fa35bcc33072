import { DongleError } from '../errors.ts';
import * as commands from '../protocol/commands/index.ts';
import { fixedAesKey } from '../protocol/keys.ts';
import type { CallOptions } from './call-options.ts';
import type { Session } from './session.ts';
import { ChipStream, pipeThrough, throughStream } from './stream.ts';

/** Deadline of an AES command, in milliseconds. */
const aesDeadlineMs = 5_000;

/** How to encrypt or decrypt. */
export interface AesSetup {
  /** Number of an AES key on the chip; 1, the one from manufacture, unless given. */
  readonly key?: number;
  /** ECB and CBC take whole 16-byte blocks; CFB is that of 128 bits. */
  readonly mode: 'ecb' | 'cbc' | 'ctr' | 'cfb' | 'gcm';
  /**
   * 16 bytes for CBC, CTR and CFB, 1 to 128 for GCM (12 are best), none for ECB. Never encrypt twice
   * under one value in CTR and GCM; in CBC it must be unpredictable.
   */
  readonly iv?: Uint8Array;
  /** Authenticated with the data but not encrypted; GCM alone. */
  readonly ad?: Uint8Array;
}

/** What to encrypt or decrypt, and how. */
export interface AesOperation extends AesSetup {
  /** At most what one message holds. GCM puts its 16-byte tag behind the ciphertext. */
  readonly data: Uint8Array;
}

/** What a stream does. */
export interface AesStreamSetup extends AesSetup {
  /** GCM is decrypted in one piece, as no plaintext may leave the chip unauthenticated. */
  readonly direction: 'encrypt' | 'decrypt';
}

/** AES on the chip (FIPS 197; modes: NIST SP 800-38A and 800-38D). */
export interface Aes {
  /**
   * Encrypts.
   *
   * @throws DongleError `INVALID_ARGUMENT` for a wrong length or type of key, `KEY_NOT_FOUND`,
   * `LOGIN_REQUIRED` for a private key
   * @example
   * const iv = await dongle.random(12);
   * const sealed = await dongle.aes.encrypt({ mode: 'gcm', iv, data });
   */
  encrypt(operation: AesOperation, options?: CallOptions): Promise<Uint8Array>;
  /**
   * Decrypts.
   *
   * @throws DongleError as `encrypt`, and `DECRYPT_FAILED` where GCM data does not authenticate
   * @example
   * const data = await dongle.aes.decrypt({ mode: 'gcm', iv, data: sealed });
   */
  decrypt(operation: AesOperation, options?: CallOptions): Promise<Uint8Array>;
  /**
   * Begins a stream of any length, whose state lives on the chip.
   *
   * @throws DongleError as `encrypt`, and `NO_SPACE` while the dongle has 8 streams already
   * @example
   * const iv = await dongle.random(16);
   * await using stream = await dongle.aes.stream({ direction: 'encrypt', mode: 'ctr', iv });
   * const first = await stream.update(data);
   * const rest = await stream.finish();
   */
  stream(setup: AesStreamSetup, options?: CallOptions): Promise<ChipStream>;
  /**
   * Encrypts or decrypts data of any length through a stream of its own.
   *
   * @throws DongleError as `stream`
   * @example
   * const iv = await dongle.random(16);
   * const same = await dongle.aes.process({ direction: 'encrypt', mode: 'ctr', iv }, data);
   */
  process(setup: AesStreamSetup, data: Uint8Array, options?: CallOptions): Promise<Uint8Array>;
  /**
   * Encrypts or decrypts whatever a source gives, such as a file read piece by piece; the pieces that
   * come out are as long as a message.
   *
   * @throws DongleError as `stream`, when the first piece is asked for
   * @example
   * const iv = await dongle.random(16);
   * const pieces = [new Uint8Array(100_000), new Uint8Array(9)];
   * for await (const piece of dongle.aes.pipe({ direction: 'encrypt', mode: 'ctr', iv }, pieces)) {
   *   console.log(piece.length);
   * }
   */
  pipe(
    setup: AesStreamSetup,
    source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
    options?: CallOptions,
  ): AsyncIterable<Uint8Array>;
}

const noIv = new Uint8Array(0);

/** The AES commands over a session. */
export function aesOf(session: Session): Aes {
  const begin = async (setup: AesStreamSetup, options?: CallOptions) => {
    if (setup.mode === 'gcm' && setup.direction === 'decrypt') {
      throw new DongleError(
        'INVALID_ARGUMENT',
        'GCM is decrypted in one piece, as it must be authenticated first; use aes.decrypt().',
      );
    }
    const request = { key: fixedAesKey, iv: noIv, ...setup };
    const { stream } = await session.call(commands.aesBegin, request, aesDeadlineMs, options);
    return new ChipStream(session, stream);
  };
  return {
    async encrypt(operation, options) {
      const request = { key: fixedAesKey, iv: noIv, ...operation };
      return (await session.call(commands.aesEncrypt, request, aesDeadlineMs, options)).data;
    },
    async decrypt(operation, options) {
      const request = { key: fixedAesKey, iv: noIv, ...operation };
      return (await session.call(commands.aesDecrypt, request, aesDeadlineMs, options)).data;
    },
    stream: begin,
    process: async (setup, data, options) =>
      throughStream(await begin(setup, options), data, options),
    async *pipe(setup, source, options) {
      yield* pipeThrough(await begin(setup, options), source, options);
    },
  };
}
