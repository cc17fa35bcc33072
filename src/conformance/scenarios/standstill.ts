import type { HostClock } from '../../clock.ts';
import type { LinkListener, LinkSource } from '../../link.ts';

/** The clocks of a simulated machine. Its monotonic clock stands still while it sleeps. */
export class MachineClock {
  readonly #clock: HostClock;
  #lagMs = 0;
  #skewMs = 0;
  #asleepMs: number | undefined;

  constructor(clock: HostClock) {
    this.#clock = clock;
  }

  get asleep(): boolean {
    return this.#asleepMs !== undefined;
  }

  now(): number {
    return (this.#asleepMs ?? this.#clock.now()) - this.#lagMs;
  }

  wall(): number {
    return this.#clock.wall() + this.#skewMs;
  }

  /** People set the wall clock. */
  set(byMs: number): void {
    this.#skewMs += byMs;
  }

  sleep(): void {
    this.#asleepMs ??= this.#clock.now();
  }

  wake(): void {
    if (this.#asleepMs === undefined) return;
    this.#lagMs += this.#clock.now() - this.#asleepMs;
    this.#asleepMs = undefined;
  }
}

/** A process that can be made to stand still, and to go on as if nothing were; or to be no more. */
export class Standstill {
  readonly #clock: HostClock;
  readonly #machine: MachineClock;
  #stopped = false;
  #killed = false;
  readonly #parked: (() => void)[] = [];
  readonly #open = new Set<() => void>();

  constructor(clock: HostClock, machine: MachineClock) {
    this.#clock = clock;
    this.#machine = machine;
  }

  get runs(): boolean {
    return !this.#killed && !this.#stopped && !this.#machine.asleep;
  }

  /** The machine's clocks as this process sees them. */
  get clock(): HostClock {
    return {
      now: () => this.#machine.now(),
      wall: () => this.#machine.wall(),
      after: (delayMs, callback) => this.#clock.after(delayMs, () => this.#enter(callback)),
    };
  }

  /** A source whose links deliver when the process can take it, and are closed when it is killed. */
  link(source: LinkSource): LinkSource {
    return {
      face: source.face,
      open: async (listener) => {
        const link = await source.open(this.#listener(listener));
        const close = () => void link.close();
        this.#open.add(close);
        return {
          ...link,
          close: () => {
            this.#open.delete(close);
            return link.close();
          },
        };
      },
    };
  }

  stop(): void {
    this.#stopped = true;
  }

  continue(): void {
    this.#stopped = false;
    this.catchUp();
  }

  /** Does what had to wait, if the process can. */
  catchUp(): void {
    while (this.runs) {
      const next = this.#parked.shift();
      if (next === undefined) return;
      next();
    }
  }

  /** Ends the process; the system closes what it had open. */
  kill(): void {
    this.#killed = true;
    this.#parked.length = 0;
    for (const close of this.#open) close();
  }

  #listener(listener: LinkListener): LinkListener {
    return {
      packets: (batch) => {
        if (this.runs) listener.packets(batch);
        else {
          const kept = { ...batch, buffer: batch.buffer.slice() };
          this.#enter(() => listener.packets(kept));
        }
      },
      detached: (reason) => this.#enter(() => listener.detached(reason)),
    };
  }

  #enter(callback: () => void): void {
    if (this.runs) callback();
    else if (!this.#killed) this.#parked.push(callback);
  }
}
