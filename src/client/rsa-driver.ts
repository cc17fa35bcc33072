import { suite } from '#crypto';
import { equalBytes, noBytes } from '../bytes.ts';
import { hashBytes, type RsaPrivateKey, signingInput } from '../crypto/rsa.ts';
import { DongleError } from '../errors.ts';
import * as commands from '../protocol/commands/index.ts';
import { openExportedKey } from '../protocol/exported-key.ts';
import type { CallOptions } from './call-options.ts';
import type { Rsa, RsaDecryption, RsaSigning } from './rsa.ts';
import type { Session } from './session.ts';

/** Deadline of asking for a key, in milliseconds. */
const exportDeadlineMs = 10_000;

/** Who gives keys, and for how long. */
export interface KeyKeeper {
  /** The static key of the dongle, which vouches for what it gives out. */
  readonly dongleKey: Uint8Array;
  /** Aborts when the session is over. Called when there is a key to keep, as signals are dear. */
  lifetime(): AbortSignal;
}

interface HeldKey {
  readonly modulus: Uint8Array;
  readonly key: RsaPrivateKey;
}

/**
 * RSA for models whose chip has none: the private key comes out, sealed to this program, which computes
 * with it. It is kept in memory for as long as the session. Yet each use asks the dongle for the public
 * key first, so a key works only while the dongle is there and lets this session use it: not after a
 * logout, nor when the key was deleted or replaced.
 */
export class RsaDriver {
  readonly #session: Session;
  readonly #chip: Pick<Rsa, 'publicKey'>;
  readonly #keeper: KeyKeeper;
  #held: Map<number, HeldKey> | undefined;

  constructor(session: Session, chip: Pick<Rsa, 'publicKey'>, keeper: KeyKeeper) {
    this.#session = session;
    this.#chip = chip;
    this.#keeper = keeper;
  }

  async sign(request: RsaSigning, options?: CallOptions): Promise<Uint8Array> {
    const { scheme, hash, message, digest, saltBytes = hashBytes[hash] } = request;
    const input = signingInput(hash, message, digest);
    const takesSalt = scheme === 'pss' || request.saltBytes === undefined;
    if (input === undefined || !takesSalt || !(saltBytes >= 0 && saltBytes <= hashBytes[hash])) {
      throw new DongleError('INVALID_ARGUMENT');
    }
    const key = await this.#key(request.key, options);
    return supported(key.sign({ scheme, hash, input, saltBytes }));
  }

  async decrypt(request: RsaDecryption, options?: CallOptions): Promise<Uint8Array> {
    const { hash, maskHash = hash, label = noBytes, ciphertext } = request;
    const key = await this.#key(request.key, options);
    const data = await supported(key.decrypt({ hash, maskHash, label, ciphertext }));
    if (data === undefined) throw new DongleError('DECRYPT_FAILED');
    return data;
  }

  async #key(number: number, options: CallOptions | undefined): Promise<RsaPrivateKey> {
    const { modulus } = await this.#chip.publicKey({ key: number }, options);
    const held = this.#held?.get(number);
    if (held !== undefined && equalBytes(held.modulus, modulus)) return held.key;
    const exported = await this.#ask(number, options);
    this.#keep(number, exported);
    return exported.key;
  }

  #keep(number: number, key: HeldKey): void {
    if (this.#session.over) return;
    if (this.#held === undefined) {
      const held = new Map<number, HeldKey>();
      this.#keeper.lifetime().addEventListener('abort', () => held.clear(), { once: true });
      this.#held = held;
    }
    this.#held.set(number, key);
  }

  async #ask(number: number, options: CallOptions | undefined): Promise<HeldKey> {
    const { keys } = await this.#session.call(commands.listKeys, {}, exportDeadlineMs, options);
    const application = keys.find(({ key }) => key === number)?.application;
    if (application === undefined) throw new DongleError('KEY_NOT_FOUND');
    const recipient = await suite.generateDhKey();
    const request = { application, key: number, recipient: recipient.publicKey };
    const { sealed } = await this.#session.call(
      commands.exportKey,
      request,
      exportDeadlineMs,
      options,
    );
    const numbers = await openExportedKey(number, sealed, {
      sender: this.#keeper.dongleKey,
      recipient,
    });
    if (numbers === undefined) {
      throw new DongleError(
        'PROTOCOL',
        'The dongle gave a key that it has not sealed; do not use it.',
      );
    }
    return { modulus: numbers.n, key: suite.importRsaKey(numbers) };
  }
}

/** Says in latchkey's words what the platform does not do. */
async function supported<Result>(work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (cause) {
    if (!(cause instanceof DOMException) || cause.name !== 'NotSupportedError') throw cause;
    throw new DongleError('UNSUPPORTED', cause.message, { cause });
  }
}
