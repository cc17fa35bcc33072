import type { HostClock } from '../../clock.ts';

/** What people's clocks show when virtual time begins: 2026-01-01, UTC. */
const firstWallMs = Date.UTC(2026, 0, 1);

interface Timer {
  readonly atMs: number;
  readonly order: number;
  readonly callback: () => void;
}

/**
 * Time that passes only when told to, for simulation: timers fire in the order of their times, and
 * everything they set off has settled before time goes on. Work done outside virtual time (a thread
 * pool, WebCrypto) must be announced with `during`, or time would run past it.
 */
export class VirtualClock implements HostClock {
  #nowMs = 0;
  #order = 0;
  #timers: Timer[] = [];
  readonly #pending = new Set<Promise<unknown>>();

  now(): number {
    return this.#nowMs;
  }

  wall(): number {
    return firstWallMs + this.#nowMs;
  }

  after(delayMs: number, callback: () => void): () => void {
    const timer = { atMs: this.#nowMs + Math.max(0, delayMs), order: this.#order++, callback };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** Holds time still until `work` is done. */
  during<Value>(work: Promise<Value>): Promise<Value> {
    const held: Promise<unknown> = work.then(
      () => this.#pending.delete(held),
      () => this.#pending.delete(held),
    );
    this.#pending.add(held);
    return work;
  }

  /** Lets `ms` milliseconds pass. */
  async advance(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms;
    for (;;) {
      await this.settle();
      const next = this.#earliest();
      if (next === undefined || next.atMs > endMs) break;
      this.#fire(next);
    }
    this.#nowMs = endMs;
    await this.settle();
  }

  /** Lets time pass, up to `limitMs`, until `work` is done, and gives its result. */
  async run<Value>(work: Promise<Value>, limitMs = 3_600_000): Promise<Value> {
    const endMs = this.#nowMs + limitMs;
    let done = false;
    const finish = () => {
      done = true;
    };
    work.then(finish, finish);
    for (;;) {
      await this.settle();
      if (done) return work;
      const next = this.#earliest();
      if (next === undefined) throw new Error('virtual time stands still: nothing is scheduled');
      if (next.atMs > endMs) throw new Error(`not done after ${limitMs} ms of virtual time`);
      this.#fire(next);
    }
  }

  /** Waits until all that can happen now has happened. */
  async settle(): Promise<void> {
    for (;;) {
      await macrotask();
      if (this.#pending.size === 0) return;
      await Promise.race(this.#pending);
    }
  }

  #earliest(): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers) {
      if (
        first === undefined ||
        timer.atMs < first.atMs ||
        (timer.atMs === first.atMs && timer.order < first.order)
      ) {
        first = timer;
      }
    }
    return first;
  }

  #fire(timer: Timer): void {
    this.#timers = this.#timers.filter((other) => other !== timer);
    this.#nowMs = Math.max(this.#nowMs, timer.atMs);
    timer.callback();
  }
}

/** One turn of the event loop, after which no microtask is left. */
function macrotask(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
