import { jobQueueLimit, keepaliveMs } from './limits.ts';
import type { Power } from './power.ts';

/** Work for the RSA engine on behalf of somebody. */
interface Job<Owner> {
  readonly owner: Owner;
  readonly work: () => Promise<void>;
}

/**
 * What waits for the RSA engine, which does as many jobs at a time as it has units. While a job waits
 * or is done, its owner is kept waiting by `keepAlive`, each 100 ms.
 */
export class JobQueue<Owner> {
  readonly #power: Power;
  readonly #units: number;
  readonly #keepAlive: (owner: Owner) => void;
  #waiting: Job<Owner>[] = [];
  /** The owner of each job in the engine; undefined where nobody waits for it any more. */
  readonly #running = new Set<{ owner: Owner | undefined }>();
  #ticking = false;

  constructor(power: Power, units: number, keepAlive: (owner: Owner) => void) {
    this.#power = power;
    this.#units = units;
    this.#keepAlive = keepAlive;
  }

  /** Whether `add` takes another job. */
  get hasRoom(): boolean {
    return this.#running.size < this.#units || this.#waiting.length < jobQueueLimit;
  }

  /** Queues a job. `work` must not reject. */
  add(owner: Owner, work: () => Promise<void>): void {
    this.#waiting.push({ owner, work });
    this.#startNext();
    if (!this.#ticking) this.#tick();
  }

  /**
   * Forgets what an owner waits for; false when that is nothing. A job already in the engine ends
   * there unheard, and its unit is not free before.
   */
  remove(owner: Owner): boolean {
    const before = this.#waiting.length;
    this.#waiting = this.#waiting.filter((job) => job.owner !== owner);
    for (const running of this.#running) {
      if (running.owner !== owner) continue;
      running.owner = undefined;
      return true;
    }
    return this.#waiting.length < before;
  }

  #startNext(): void {
    if (this.#running.size >= this.#units || !this.#power.on) return;
    const job = this.#waiting.shift();
    if (job === undefined) return;
    const running = { owner: job.owner };
    this.#running.add(running);
    const free = () => {
      this.#running.delete(running);
      this.#startNext();
    };
    job.work().then(free, free);
  }

  #tick(): void {
    this.#ticking = true;
    this.#power.after(keepaliveMs, () => {
      this.#ticking = false;
      for (const { owner } of this.#running) if (owner !== undefined) this.#keepAlive(owner);
      for (const job of this.#waiting) this.#keepAlive(job.owner);
      if (this.#running.size > 0) this.#tick();
    });
  }
}
