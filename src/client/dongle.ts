import { DongleError } from '../errors.ts';
import type { FaceName } from '../link.ts';
import type { DongleIdentity } from '../protocol/certificates/index.ts';
import * as commands from '../protocol/commands/index.ts';
import { type Aes, aesOf } from './aes.ts';
import type { Bond } from './bond.ts';
import type { CallOptions } from './call-options.ts';
import { type DongleDescription, describeOver } from './describe.ts';
import { type Ecc, eccOf } from './ecc.ts';
import { Ending } from './ending.ts';
import { type DongleEvent, endEvent } from './events.ts';
import { type Keys, keysOf } from './keys.ts';
import { type Licenses, licensesOf } from './licenses.ts';
import { type Mac, macOf } from './mac.ts';
import { type Memory, memoryOf } from './memory.ts';
import { type Rsa, rsaOf } from './rsa.ts';
import type { Runtime } from './runtime.ts';
import { Session, type SessionParts } from './session.ts';
import { type SharingPolicy, type SharingReport, SharingWatch } from './sharing.ts';
import { type Time, timeOf } from './time.ts';
import { type Update, updateOf } from './update.ts';

/** Deadline of commands that a chip does at once, in milliseconds. */
const quickDeadlineMs = 5_000;

/** A dongle with an open session. Every method throws a `DongleError`. */
export interface Dongle extends AsyncDisposable {
  /** Who the dongle is, as its certificate proves. */
  readonly identity: DongleIdentity;
  /** By which of its USB functions it is reached. */
  readonly face: FaceName;
  /** Number of the binding, which grows each time the dongle is bound anew. */
  readonly epoch: number;
  /**
   * Whether this program may say now that it has the dongle: the session is open, and the dongle has
   * answered lately. It asks the machine's clocks each time, and is false for a while after the
   * program has stood still, and during a command that takes more than a few seconds.
   */
  readonly licensed: boolean;
  /** Aborts when the session is over, for whatever reason; the reason is a `DongleError`. */
  readonly lifetime: AbortSignal;
  /** AES with keys of the chip. */
  readonly aes: Aes;
  /** CMAC, HMAC and HKDF with keys of the chip. */
  readonly mac: Mac;
  /** RSA with keys of the dongle. */
  readonly rsa: Rsa;
  /** Elliptic curves with keys of the chip. */
  readonly ecc: Ecc;
  /** Keys of the chip: making them, and taking them in. */
  readonly keys: Keys;
  /** Memory in partitions, with passwords. */
  readonly memory: Memory;
  /** Licenses, their units and seats. */
  readonly licenses: Licenses;
  /** The dongle's time of day, by which licenses expire. */
  readonly time: Time;
  /** Updates as files. */
  readonly update: Update;
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
  /**
   * What the dongle has room for, and how it is.
   *
   * @example
   * const { memoryBytes, blocked } = await dongle.describe();
   */
  describe(options?: CallOptions): Promise<DongleDescription>;
  /** Whether other machines use the dongle too, as far as this program can see. */
  sharing(): Promise<SharingReport>;
  /**
   * Lets the runtime with this static key (32 bytes) have the dongle at once, for as many
   * milliseconds as it returns, and closes this session.
   */
  handOver(key: Uint8Array, options?: CallOptions): Promise<number>;
  /**
   * Ends the session and gives the device back to the system; with the last session of this runtime
   * the dongle is free for others at once. Safe to call twice.
   */
  close(): Promise<void>;
}

/** What is known of a dongle that has accepted a claim. */
interface Bound {
  readonly identity: DongleIdentity;
  readonly dongleKey: Uint8Array;
  readonly face: FaceName;
  readonly epoch: number;
  /** Whether that was by a new binding. */
  readonly isNew: boolean;
}

/** What a session has of its runtime for as long as it lives. */
interface Holding {
  readonly inspect: Runtime['inspect'];
  readonly bond: Bond;
  readonly release: () => void;
}

/** What the user of a dongle wants to hear and have done. */
interface Wishes {
  readonly sharing?: SharingPolicy;
  readonly onEvent?: (event: DongleEvent) => void;
}

/** The typed dongle over an open session. */
export class SessionDongle implements Dongle {
  readonly identity: DongleIdentity;
  readonly face: FaceName;
  readonly epoch: number;
  readonly aes: Aes;
  readonly mac: Mac;
  readonly rsa: Rsa;
  readonly ecc: Ecc;
  readonly keys: Keys;
  readonly memory: Memory;
  readonly licenses: Licenses;
  readonly time: Time;
  readonly update: Update;
  readonly #session: Session;
  readonly #holding: Holding;
  readonly #wishes: Wishes;
  readonly #watch: SharingWatch;
  readonly #ending = new Ending();

  constructor(parts: SessionParts, bound: Bound, holding: Holding, wishes: Wishes) {
    this.identity = bound.identity;
    this.face = bound.face;
    this.epoch = bound.epoch;
    this.#holding = holding;
    this.#wishes = wishes;
    const { path } = parts.exchange;
    this.#watch = new SharingWatch(
      parts.clock,
      () => holding.inspect(path),
      (channel) => holding.bond.hasChannel(channel),
      (sharing) => this.#suspect(sharing),
    );
    if (bound.isNew) this.#tell({ kind: 'bound', epoch: bound.epoch });
    this.#session = new Session(parts, {
      ended: (reason) => this.#ended(reason),
      knocked: (knocks) => {
        this.#watch.knocked(knocks);
        this.#tell({ kind: 'knocked', knocks });
      },
      foreign: (channel) => this.#watch.sighted(channel),
    });
    this.aes = aesOf(this.#session);
    this.mac = macOf(this.#session);
    this.rsa = rsaOf(this.#session, {
      capabilities: bound.identity.capabilities,
      dongleKey: bound.dongleKey,
      lifetime: () => this.lifetime,
    });
    this.ecc = eccOf(this.#session);
    this.keys = keysOf(this.#session);
    this.memory = memoryOf(this.#session);
    this.time = timeOf(this.#session, parts.clock);
    this.update = updateOf(this.#session);
    this.licenses = licensesOf(this.#session, this.time);
    if (!this.#session.over) holding.bond.sessions.add(this.#session);
  }

  get licensed(): boolean {
    return this.#session.licensed;
  }

  get lifetime(): AbortSignal {
    return this.#ending.signal;
  }

  /** Throws why the session is over, if it is. */
  throwIfOver(): void {
    this.#ending.throwIfOver();
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

  describe(options?: CallOptions): Promise<DongleDescription> {
    return describeOver(this.#session, options);
  }

  sharing(): Promise<SharingReport> {
    return this.#watch.report();
  }

  async handOver(key: Uint8Array, options?: CallOptions): Promise<number> {
    const { windowMs } = await this.#session.call(
      commands.handOver,
      { key },
      quickDeadlineMs,
      options,
    );
    await this.#session.abandon(new DongleError('CLOSED'));
    return windowMs;
  }

  close(): Promise<void> {
    return this.#session.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#session.close();
  }

  #suspect(sharing: SharingReport): void {
    const { sharing: policy = 'refuse' } = this.#wishes;
    if (policy === 'warn') this.#tell({ kind: 'sharing-suspected', sharing });
    else if (policy === 'refuse') void this.#session.abandon(new DongleError('SHARED'));
  }

  #ended(reason: DongleError): void {
    const { bond, release } = this.#holding;
    bond.sessions.delete(this.#session);
    if (reason.code === 'SUPERSEDED') bond.superseded = true;
    release();
    if (reason.code === 'SHARED') this.#watch.told();
    this.#ending.end(reason);
    const event = endEvent(reason);
    if (event !== undefined) this.#tell(event);
  }

  /** What a listener throws is its own affair: the session's state is settled before it is told. */
  #tell(event: DongleEvent): void {
    try {
      this.#wishes.onEvent?.(event);
    } catch {}
  }
}
