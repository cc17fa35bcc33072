import * as commands from '../protocol/commands/index.ts';
import type { CallOptions } from './call-options.ts';
import type { Session } from './session.ts';

/** The number of the AES-256 key that a dongle gets at manufacture, and that never leaves it. */
export const fixedAesKey = 1;

/** Deadline of an AES command, in milliseconds. */
const aesDeadlineMs = 5_000;

/** What to encrypt or decrypt, and how. */
export interface AesOperation {
  /** Number of the key on the chip; `fixedAesKey` unless given. */
  readonly key?: number;
  /** CBC takes whole 16-byte blocks; GCM puts its 16-byte tag behind the ciphertext. */
  readonly mode: 'cbc' | 'ctr' | 'gcm';
  /**
   * 16 bytes for CBC and CTR, 12 for GCM. Never encrypt twice under one value in CTR and GCM; in CBC
   * it must be unpredictable.
   */
  readonly iv: Uint8Array;
  /** At most what one message holds. */
  readonly data: Uint8Array;
  /** Authenticated with the data but not encrypted; GCM alone. */
  readonly ad?: Uint8Array;
}

/** AES-256 on the chip (FIPS 197; modes: NIST SP 800-38A and 800-38D). */
export interface Aes {
  /**
   * Encrypts.
   *
   * @throws DongleError `INVALID_ARGUMENT` for a wrong length, `KEY_NOT_FOUND`
   * @example
   * const iv = await dongle.random(12);
   * const sealed = await dongle.aes.encrypt({ mode: 'gcm', iv, data });
   */
  encrypt(operation: AesOperation, options?: CallOptions): Promise<Uint8Array>;
  /**
   * Decrypts.
   *
   * @throws DongleError `INVALID_ARGUMENT` for a wrong length, `KEY_NOT_FOUND`, `DECRYPT_FAILED`
   * where GCM data does not authenticate
   * @example
   * const data = await dongle.aes.decrypt({ mode: 'gcm', iv, data: sealed });
   */
  decrypt(operation: AesOperation, options?: CallOptions): Promise<Uint8Array>;
}

/** The AES commands over a session. */
export function aesOf(session: Session): Aes {
  return {
    async encrypt(operation, options) {
      const request = { key: fixedAesKey, ...operation };
      return (await session.call(commands.aesEncrypt, request, aesDeadlineMs, options)).data;
    },
    async decrypt(operation, options) {
      const request = { key: fixedAesKey, ...operation };
      return (await session.call(commands.aesDecrypt, request, aesDeadlineMs, options)).data;
    },
  };
}
