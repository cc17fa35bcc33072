import type { FaceName } from '../link.ts';
import type { DongleIdentity } from '../protocol/certificates/index.ts';
import * as commands from '../protocol/commands/index.ts';
import { type Aes, aesOf } from './aes.ts';
import type { CallOptions } from './call-options.ts';
import { type Rsa, rsaOf } from './rsa.ts';
import type { Session } from './session.ts';

/** Deadline of commands that a chip does at once, in milliseconds. */
const quickDeadlineMs = 5_000;

/** A dongle with an open session. Every method throws a `DongleError`. */
export interface Dongle extends AsyncDisposable {
  /** Who the dongle is, as its certificate proves. */
  readonly identity: DongleIdentity;
  /** By which of its USB functions it is reached. */
  readonly face: FaceName;
  /** AES with keys of the chip. */
  readonly aes: Aes;
  /** RSA with keys of the chip. */
  readonly rsa: Rsa;
  /**
   * Sends bytes there and back, to test the way.
   *
   * @param data - at most what one message holds: some 7,500 bytes over HID, 65,000 over vendor bulk
   * @example
   * const same = await dongle.echo(new TextEncoder().encode('hello'));
   */
  echo(data: Uint8Array, options?: CallOptions): Promise<Uint8Array>;
  /**
   * Random bytes of the chip's generator.
   *
   * @param count - how many bytes; at most what one message holds
   * @example
   * const key = await dongle.random(32);
   */
  random(count: number, options?: CallOptions): Promise<Uint8Array>;
  /** Blinks the dongle's light. */
  wink(options?: CallOptions): Promise<void>;
  /** Ends the session and gives the device back to the system. Safe to call twice. */
  close(): Promise<void>;
}

/** The typed dongle over an open session. */
export class SessionDongle implements Dongle {
  readonly identity: DongleIdentity;
  readonly face: FaceName;
  readonly aes: Aes;
  readonly rsa: Rsa;
  readonly #session: Session;

  constructor(session: Session, identity: DongleIdentity, face: FaceName) {
    this.#session = session;
    this.identity = identity;
    this.face = face;
    this.aes = aesOf(session);
    this.rsa = rsaOf(session);
  }

  async echo(data: Uint8Array, options?: CallOptions): Promise<Uint8Array> {
    return (await this.#session.call(commands.echo, { data }, quickDeadlineMs, options)).data;
  }

  async random(count: number, options?: CallOptions): Promise<Uint8Array> {
    return (await this.#session.call(commands.random, { count }, quickDeadlineMs, options)).data;
  }

  async wink(options?: CallOptions): Promise<void> {
    await this.#session.call(commands.wink, {}, quickDeadlineMs, options);
  }

  close(): Promise<void> {
    return this.#session.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#session.close();
  }
}
