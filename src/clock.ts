/**
 * Time as every part of latchkey sees it. It is injected, so that a whole system (hosts, links,
 * dongle) can run in virtual time from one seed.
 */
export interface Clock {
  /** Milliseconds on a clock that never goes back. Its zero means nothing. */
  now(): number;
  /**
   * Calls `callback` once after `delayMs`; the returned function takes that back. For what is in the
   * `background` alone, a program does not stay alive.
   */
  after(delayMs: number, callback: () => void, importance?: 'background'): () => void;
}

/** The clocks of a host. */
export interface HostClock extends Clock {
  /** Milliseconds since 1970, by the clock that people set. */
  wall(): number;
}

/** The machine's own clocks. */
export const systemClock: HostClock = {
  now: () => performance.now(),
  wall: () => Date.now(),
  after(delayMs, callback, importance) {
    // A longer delay would overflow, and fire at once.
    const timer = setTimeout(callback, Math.min(delayMs, 2 ** 31 - 1));
    // A page has numbers for timers, and no need of this.
    if (importance === 'background') (timer as { unref?: () => void }).unref?.();
    return () => clearTimeout(timer);
  },
};
