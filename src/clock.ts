/**
 * Time as every part of latchkey sees it. It is injected, so that a whole system (hosts, links,
 * dongle) can run in virtual time from one seed.
 */
export interface Clock {
  /** Milliseconds on a clock that never goes back. Its zero means nothing. */
  now(): number;
  /** Calls `callback` once after `delayMs`; the returned function takes that back. */
  after(delayMs: number, callback: () => void): () => void;
}

/** The machine's own monotonic clock. */
export const systemClock: Clock = {
  now: () => performance.now(),
  after(delayMs, callback) {
    // A longer delay would overflow, and fire at once.
    const timer = setTimeout(callback, Math.min(delayMs, 2 ** 31 - 1));
    return () => clearTimeout(timer);
  },
};
