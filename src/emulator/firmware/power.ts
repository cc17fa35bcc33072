import type { Clock } from '../../clock.ts';

/**
 * Time as the firmware sees it while it has power: when power goes, every timer is gone, and work
 * that still ends outside the chip finds that there is nobody to tell.
 */
export class Power implements Clock {
  readonly #clock: Clock;
  readonly #timers = new Set<() => void>();
  #on = true;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get on(): boolean {
    return this.#on;
  }

  now(): number {
    return this.#clock.now();
  }

  after(delayMs: number, callback: () => void, importance?: 'background'): () => void {
    const ring = () => {
      this.#timers.delete(cancel);
      callback();
    };
    const cancelTimer = this.#clock.after(delayMs, ring, importance);
    const cancel = () => {
      this.#timers.delete(cancel);
      cancelTimer();
    };
    this.#timers.add(cancel);
    return cancel;
  }

  /** Cuts the power. */
  cut(): void {
    this.#on = false;
    for (const cancel of [...this.#timers]) cancel();
  }
}
