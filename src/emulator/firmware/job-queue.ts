import { jobQueueLimit, keepaliveMs } from './limits.ts';
import type { Power } from './power.ts';

/** Work for the RSA engine on behalf of somebody. */
interface Job<Owner> {
  readonly owner: Owner;
  readonly work: () => Promise<void>;
}

/**
 * What waits for the RSA engine, which does one job at a time. While a job waits or is done, its
 * owner is kept waiting by `keepAlive`, each 100 ms.
 */
export class JobQueue<Owner> {
  readonly #power: Power;
  readonly #keepAlive: (owner: Owner) => void;
  #waiting: Job<Owner>[] = [];
  /** The owner of the job in the engine; undefined in a job that nobody waits for any more. */
  #running: { owner: Owner | undefined } | undefined;
  #ticking = false;

  constructor(power: Power, keepAlive: (owner: Owner) => void) {
    this.#power = power;
    this.#keepAlive = keepAlive;
  }

  /** Whether `add` takes another job. */
  get hasRoom(): boolean {
    return this.#running === undefined || this.#waiting.length < jobQueueLimit;
  }

  /** Queues a job. `work` must not reject. */
  add(owner: Owner, work: () => Promise<void>): void {
    this.#waiting.push({ owner, work });
    this.#startNext();
    if (!this.#ticking) this.#tick();
  }

  /**
   * Forgets what an owner waits for; false when that is nothing. A job already in the engine ends
   * there unheard, and the engine is not free before.
   */
  remove(owner: Owner): boolean {
    const before = this.#waiting.length;
    this.#waiting = this.#waiting.filter((job) => job.owner !== owner);
    if (this.#running?.owner === owner) {
      this.#running.owner = undefined;
      return true;
    }
    return this.#waiting.length < before;
  }

  #startNext(): void {
    if (this.#running !== undefined || !this.#power.on) return;
    const job = this.#waiting.shift();
    if (job === undefined) return;
    this.#running = { owner: job.owner };
    const free = () => {
      this.#running = undefined;
      this.#startNext();
    };
    job.work().then(free, free);
  }

  #tick(): void {
    this.#ticking = true;
    this.#power.after(keepaliveMs, () => {
      this.#ticking = false;
      if (this.#running?.owner !== undefined) this.#keepAlive(this.#running.owner);
      for (const job of this.#waiting) this.#keepAlive(job.owner);
      if (this.#running !== undefined) this.#tick();
    });
  }
}
