import { connect } from '../../client/connect.ts';
import type { Dongle } from '../../client/dongle.ts';
import { type Runtime, soleHold } from '../../client/runtime.ts';
import type { HostClock } from '../../clock.ts';
import type { DhKey } from '../../crypto/suite.ts';
import { DongleError } from '../../errors.ts';
import type { LinkSource } from '../../link.ts';
import type { TrustStore } from '../../protocol/certificates/index.ts';
import { type MachineClock, Standstill } from './standstill.ts';

/** What a machine keeps on its disk. */
export interface Disk {
  readonly key: DhKey;
  readonly tickets: Map<string, Uint8Array>;
}

/** A simulated machine. */
export interface Machine {
  readonly id: Uint8Array;
  readonly clock: MachineClock;
  /** Replaced when the machine is set back. */
  disk: Disk;
  readonly source: LinkSource;
  /** Programs that wait for a dongle to be plugged in; each is called once. */
  readonly waiting: Set<() => void>;
}

/** What a program needs besides its machine. */
export interface ProgramParts {
  readonly clock: HostClock;
  readonly trust: TrustStore;
  readonly random: (count: number) => Uint8Array;
  /** Hears of each event of the dongle, and of each code that connecting fails with. */
  tell(what: string): void;
}

/** How long a program waits before it tries again, or tries a dongle that has been plugged in. */
const retryMs = 1000;

/** A program that wants the dongle for as long as it runs. */
export class Program {
  readonly #parts: ProgramParts;
  readonly #process: Standstill;
  readonly #clock: HostClock;
  readonly #source: LinkSource;
  readonly #runtime: Runtime;
  readonly #waiting: Set<() => void>;
  #dongle: Dongle | undefined;
  #quitting = false;

  constructor(machine: Machine, parts: ProgramParts) {
    this.#parts = parts;
    this.#process = new Standstill(parts.clock, machine.clock);
    this.#clock = this.#process.clock;
    this.#source = this.#process.link(machine.source);
    this.#waiting = machine.waiting;
    const { key, tickets } = machine.disk;
    this.#runtime = {
      key,
      instance: parts.random(16),
      machine: [machine.id],
      ticket: (serial) => tickets.get(serial),
      keepTicket(serial, ticket) {
        tickets.set(serial, ticket);
      },
      hold: () => soleHold,
      // Nobody else on this machine has the device open.
      inspect: () => [],
    };
    void this.#work();
  }

  /** What the program's users are told. One that stands still says nothing. */
  get licensed(): boolean {
    return this.#process.runs && this.#dongle?.licensed === true;
  }

  async quit(): Promise<void> {
    this.#quitting = true;
    await this.#dongle?.close();
    this.#process.kill();
  }

  async handOver(key: Uint8Array): Promise<void> {
    this.#quitting = true;
    await this.#dongle?.handOver(key);
    this.#process.kill();
  }

  kill(): void {
    this.#process.kill();
  }

  stop(): void {
    this.#process.stop();
  }

  continue(): void {
    this.#process.continue();
  }

  /** Its machine has woken up. */
  catchUp(): void {
    this.#process.catchUp();
  }

  async #work(): Promise<void> {
    while (!this.#quitting) {
      const reason = await this.#session();
      if (reason.code === 'SUPERSEDED') return;
      if (reason.code === 'NOT_FOUND')
        await new Promise<void>((resolve) => this.#waiting.add(resolve));
      await new Promise<void>((resolve) => this.#clock.after(retryMs, resolve));
    }
  }

  /** Has the dongle for as long as it can; gives the reason why it has not. */
  async #session(): Promise<DongleError> {
    const { trust, tell } = this.#parts;
    try {
      const dongle = await connect(this.#source, {
        trust,
        runtime: this.#runtime,
        clock: this.#clock,
        onEvent: ({ kind }) => tell(kind),
      });
      this.#dongle = dongle;
      const { lifetime } = dongle;
      if (!lifetime.aborted) {
        await new Promise<void>((resolve) =>
          lifetime.addEventListener('abort', () => resolve(), { once: true }),
        );
      }
      this.#dongle = undefined;
      return lifetime.reason as DongleError;
    } catch (error) {
      if (!(error instanceof DongleError)) throw error;
      if (error.code !== 'NOT_FOUND') tell(error.code);
      return error;
    }
  }
}
