import { suite } from '#crypto';
import { tapWire } from '../../src/conformance/wire.ts';
import { type LoopbackPort, VirtualClock } from '../../src/emulator/index.ts';
import {
  type ConnectOptions,
  connect,
  createRuntime,
  type Dongle,
  DongleError,
  type DongleEvent,
  type HostClock,
  type LinkSource,
  type PacketBatch,
  type Runtime,
} from '../../src/index.ts';
import { plugDongle, testTrust } from '../support/rig.ts';

const trust = await testTrust();

/** A machine with one program in virtual time: its clock can be set, it can sleep and stand still. */
export class TestHost implements HostClock {
  readonly #clock: VirtualClock;
  /** What every dongle of this host has told, in order. */
  readonly events: DongleEvent[] = [];
  #aheadMs = 0;
  #frozen = false;
  #behindMs = 0;
  readonly #held: (() => void)[] = [];

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.now() - this.#behindMs;
  }

  wall(): number {
    return this.#clock.wall() + this.#aheadMs;
  }

  after(delayMs: number, callback: () => void): () => void {
    let cancelled = false;
    const stop = this.#clock.after(delayMs, () =>
      this.#whenAwake(() => {
        if (!cancelled) callback();
      }),
    );
    return () => {
      cancelled = true;
      stop();
    };
  }

  /** Sets the clock that people see. */
  setClock(byMs: number): void {
    this.#aheadMs += byMs;
  }

  /** The program stands still from now on: it neither runs nor reads. Its clocks go on. */
  freeze(): void {
    this.#frozen = true;
  }

  /** The program goes on: timers first, then what has come for it. */
  thaw(): void {
    this.#frozen = false;
    for (const work of this.#held.splice(0)) work();
  }

  /** The machine sleeps: its monotonic clock stands still, and so does the program. */
  async sleep(ms: number): Promise<void> {
    this.freeze();
    await this.#clock.advance(ms);
    this.#behindMs += ms;
    this.thaw();
  }

  /** Connects within virtual time. */
  connect(
    source: LinkSource,
    runtime: Runtime,
    options: Partial<ConnectOptions> = {},
  ): Promise<Dongle> {
    return this.#clock.run(this.connecting(source, runtime, options));
  }

  /** Connects; somebody else lets time pass. */
  connecting(
    source: LinkSource,
    runtime: Runtime,
    options: Partial<ConnectOptions> = {},
  ): Promise<Dongle> {
    const onEvent = (event: DongleEvent) => this.events.push(event);
    const ours = this.#delaying(source);
    return connect(ours, { trust, clock: this, runtime, onEvent, ...options });
  }

  /** The kinds of what has been told. */
  get told(): string[] {
    return this.events.map(({ kind }) => kind);
  }

  #whenAwake(work: () => void): void {
    if (this.#frozen) this.#held.push(work);
    else work();
  }

  /** A link of which nothing is read while the program stands still. */
  #delaying(source: LinkSource): LinkSource {
    return {
      face: source.face,
      open: (listener) =>
        source.open({
          packets: (batch) => {
            const copy = copyOf(batch);
            this.#whenAwake(() => listener.packets(copy));
          },
          detached: (reason) => this.#whenAwake(() => listener.detached(reason)),
        }),
    };
  }
}

function copyOf(batch: PacketBatch): PacketBatch {
  return { ...batch, buffer: batch.buffer.slice() };
}

/** A runtime in memory whose tickets can be copied. */
export interface TestRuntime extends Runtime {
  readonly tickets: ReadonlyMap<string, Uint8Array>;
}

/** The same runtime as its service's next start has it: same key and tickets, another instance. */
export function restarted<Kind extends Runtime>(runtime: Kind): Kind {
  return { ...runtime, instance: suite.randomBytes(16) };
}

/** A runtime of some machine. */
export async function runtimeOn(machine: string): Promise<TestRuntime> {
  const id = suite.sha256(new TextEncoder().encode(machine)).slice(0, 8);
  return withTickets(await createRuntime({ machine: [id] }), new Map());
}

/** A copy of a runtime as its disk is now: same key, same ticket, same instance. From now on they differ. */
export function cloned(runtime: TestRuntime): TestRuntime {
  return withTickets(runtime, new Map(runtime.tickets));
}

function withTickets(runtime: Runtime, tickets: Map<string, Uint8Array>): TestRuntime {
  return {
    ...runtime,
    tickets,
    ticket: (dongle) => tickets.get(dongle),
    keepTicket(dongle, ticket) {
      tickets.set(dongle, ticket);
    },
  };
}

/** One dongle, and two machines that can reach it. */
export async function twoMachines() {
  const clock = new VirtualClock();
  const { port, dongle } = await plugDongle({ clock, seed: 1 });
  const [a, b] = [new TestHost(clock), new TestHost(clock)];
  return {
    clock,
    port,
    device: dongle,
    a,
    b,
    ofA: await runtimeOn('a'),
    ofB: await runtimeOn('b'),
  };
}

/** A link that can be cut. */
export function cuttable(port: LoopbackPort) {
  let isCut = false;
  const deed = () => (isCut ? 'drop' : 'pass');
  return {
    source: tapWire(port.source('hid'), { toDevice: deed, toHost: deed }),
    cut() {
      isCut = true;
    },
  };
}

export async function refusal(work: Promise<unknown>): Promise<DongleError> {
  const error = await work.then(
    () => new Error('it worked'),
    (reason) => reason,
  );
  if (!(error instanceof DongleError)) throw error;
  return error;
}
