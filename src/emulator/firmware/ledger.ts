import { checkpointMs, lockoutCheckpointMs } from './limits.ts';
import type { Power } from './power.ts';
import { Draft, type StoreReader } from './store/draft.ts';
import type { Change, Store } from './store/store.ts';
import { storeKeys } from './store-keys.ts';

/**
 * Powered time, and what is written down. Each commit carries the time as well, so that nothing in
 * the store ever lies in the future; and there are checkpoints of the time alone.
 */
export class Ledger {
  readonly #store: Store;
  readonly #power: Power;
  /** Powered time at the boot, and what the power's clock said then. */
  readonly #storedMs: number;
  readonly #bootMs: number;
  #lockout = { fromMs: 0, untilMs: 0 };
  #cancelCheckpoint: () => void = () => {};
  #generation = 0;

  constructor(store: Store, power: Power) {
    this.#store = store;
    this.#power = power;
    this.#storedMs = store.count(storeKeys.poweredTime);
    this.#bootMs = power.now();
    this.#scheduleCheckpoint();
  }

  /** Powered time in whole milliseconds. */
  now(): number {
    return this.#storedMs + Math.floor(this.#power.now() - this.#bootMs);
  }

  /** What is stored. */
  get store(): StoreReader {
    return this.#store;
  }

  /** Changes to what is stored, for `commit`. */
  draft(): Draft {
    return new Draft(this.#store);
  }

  /** Another number after each change to what is stored but the time: what was read before may be old. */
  get generation(): number {
    return this.#generation;
  }

  /** Writes changes down, all or nothing; false where there is no room for them. */
  commit(changes: readonly Change[]): boolean {
    if (!this.#power.on) return false;
    if (changes.length > 0) this.#generation++;
    try {
      const time: Change = { key: storeKeys.poweredTime, count: this.now() };
      return this.#store.commit([...changes, time]).ok;
    } catch {
      // Nobody knows what flash that has failed in the middle of a commit holds: the chip stops,
      // and finds out when it boots.
      this.#power.cut();
      return false;
    }
  }

  /** A lockout that began and ends then: a power cut must not cost it more than a second. */
  beginLockout(fromMs: number, untilMs: number): void {
    this.#lockout = { fromMs, untilMs };
    this.#scheduleCheckpoint();
  }

  #scheduleCheckpoint(): void {
    this.#cancelCheckpoint();
    const { fromMs, untilMs } = this.#lockout;
    const nowMs = this.now();
    const delayMs =
      nowMs < untilMs
        ? lockoutCheckpointMs - ((nowMs - fromMs) % lockoutCheckpointMs)
        : checkpointMs;
    const write = () => {
      this.commit([]);
      this.#scheduleCheckpoint();
    };
    this.#cancelCheckpoint = this.#power.after(delayMs, write, 'background');
  }
}
