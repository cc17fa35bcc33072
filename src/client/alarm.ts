import type { Clock } from '../clock.ts';

/**
 * One timer for many deadlines: it rings no later than the earliest time asked for, and sometimes
 * for nothing, as a deadline that was met is not taken back. So a call that is answered in time
 * costs no timer of its own.
 */
export class Alarm {
  readonly #clock: Clock;
  readonly #ring: (nowMs: number) => void;
  readonly #importance: 'background' | undefined;
  #cancelTimer: (() => void) | undefined;
  #atMs = Number.POSITIVE_INFINITY;

  /**
   * `ring` looks for what is due, and sets the alarm again for what is left. In the `background` it
   * does not keep the program alive.
   */
  constructor(clock: Clock, ring: (nowMs: number) => void, importance?: 'background') {
    this.#clock = clock;
    this.#ring = ring;
    this.#importance = importance;
  }

  /** Asks to be woken at a time of the clock, in milliseconds. */
  set(atMs: number): void {
    if (atMs >= this.#atMs) return;
    this.#cancelTimer?.();
    this.#atMs = atMs;
    const ring = () => {
      this.#cancelTimer = undefined;
      this.#atMs = Number.POSITIVE_INFINITY;
      this.#ring(this.#clock.now());
    };
    this.#cancelTimer = this.#clock.after(atMs - this.#clock.now(), ring, this.#importance);
  }

  /** Takes back all that was asked. */
  cancel(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#atMs = Number.POSITIVE_INFINITY;
  }
}
