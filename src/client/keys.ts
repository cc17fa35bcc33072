import * as commands from '../protocol/commands/index.ts';
import type { KeyMaterial, KeyType } from '../protocol/keys.ts';
import type { CallOptions } from './call-options.ts';
import type { Session } from './session.ts';

/** Deadline of commands that need no engine, in milliseconds. */
const quickDeadlineMs = 5_000;

/** Deadline of taking a key in, in milliseconds: a chip takes a while to check the primes of a long one. */
const importDeadlineMs = 60_000;

/** A chip may take minutes to find the primes of a long key. */
export const generateDeadlineMs = 300_000;

/** A key on the chip, by its number. */
export interface KeyReference {
  readonly key: number;
}

/** What key to make. */
export interface KeyMaking {
  readonly type: KeyType;
  /** Bytes of a `secret` key, 1 to 128; 32 unless given. */
  readonly bytes?: number;
}

/** A key that the dongle has. */
export interface KeyInfo extends KeyReference {
  readonly type: KeyType;
  /** The partition of a private key; of others, undefined. */
  readonly application?: number;
}

/** The keys of the chip. What is on it never leaves it, but for RSA keys on models that say so. */
export interface Keys {
  /**
   * Generates a key that lives as long as the session.
   *
   * @throws DongleError `NO_SPACE` beyond 16 keys, `ON_CHIP_UNAVAILABLE`, `BUSY`
   * @example
   * const { key } = await dongle.keys.generate({ type: 'aes256' });
   */
  generate(making: KeyMaking, options?: CallOptions): Promise<KeyReference>;
  /**
   * Takes a key in that lives as long as the session.
   *
   * @throws DongleError `KEY_REFUSED` for a weak or malformed one, `NO_SPACE`
   * @example
   * const { key } = await dongle.keys.load({ type: 'aes128', key: new Uint8Array(16) });
   */
  load(material: KeyMaterial, options?: CallOptions): Promise<KeyReference>;
  /**
   * Forgets a key of the session.
   *
   * @throws DongleError `KEY_NOT_FOUND`
   * @example
   * const { key } = await dongle.keys.generate({ type: 'x25519' });
   * await dongle.keys.drop({ key });
   */
  drop(reference: KeyReference, options?: CallOptions): Promise<void>;
  /**
   * Generates a private key of a partition, which the dongle keeps; by its administrator.
   *
   * @throws DongleError `LOGIN_REQUIRED`, `NO_SPACE`, `ON_CHIP_UNAVAILABLE`, `BUSY`
   * @example
   * await dongle.memory.login({ application: 100, role: 'administrator', password });
   * const { key } = await dongle.keys.create({ application: 100, type: 'p256' });
   */
  create(
    making: KeyMaking & { readonly application: number },
    options?: CallOptions,
  ): Promise<KeyReference>;
  /**
   * Takes a private key of a partition in, which the dongle keeps; by its administrator.
   *
   * @throws DongleError `LOGIN_REQUIRED`, `KEY_REFUSED`, `NO_SPACE`
   * @example
   * await dongle.memory.login({ application: 100, role: 'administrator', password });
   * const material = { type: 'aes128', key: new Uint8Array(16) } as const;
   * const { key } = await dongle.keys.import({ application: 100, material });
   */
  import(
    request: { readonly application: number; readonly material: KeyMaterial },
    options?: CallOptions,
  ): Promise<KeyReference>;
  /**
   * Deletes a private key of a partition, and wipes it from the flash; by its administrator.
   *
   * @throws DongleError `LOGIN_REQUIRED`, `KEY_NOT_FOUND`
   * @example
   * await dongle.memory.login({ application: 100, role: 'administrator', password });
   * const { key } = await dongle.keys.create({ application: 100, type: 'aes256' });
   * await dongle.keys.delete({ application: 100, key });
   */
  delete(
    request: { readonly application: number; readonly key: number },
    options?: CallOptions,
  ): Promise<void>;
  /**
   * The keys of the chip, of all partitions, and of this session.
   *
   * @example
   * for (const { key, type } of await dongle.keys.list()) console.log(key, type);
   */
  list(options?: CallOptions): Promise<readonly KeyInfo[]>;
}

/** These commands over a session. */
export function keysOf(session: Session): Keys {
  return {
    generate: (making, options) =>
      session.call(commands.generateKey, making, generateDeadlineMs, options),
    load: (material, options) =>
      session.call(commands.loadKey, { material }, importDeadlineMs, options),
    async drop(reference, options) {
      await session.call(commands.dropKey, reference, quickDeadlineMs, options);
    },
    create: (making, options) =>
      session.call(commands.createKey, making, generateDeadlineMs, options),
    import: (request, options) =>
      session.call(commands.importKey, request, importDeadlineMs, options),
    async delete(request, options) {
      await session.call(commands.deleteKey, request, quickDeadlineMs, options);
    },
    async list(options) {
      return (await session.call(commands.listKeys, {}, quickDeadlineMs, options)).keys;
    },
  };
}
