import { type Breach, BreachError } from './oracle.ts';

/** What has been tried, and what must be 0. */
export interface Counts {
  readonly cuts: number;
  readonly doubleCuts: number;
  readonly images: number;
  readonly lost: number;
  readonly half: number;
  readonly regressed: number;
}

/** Breaches that are told in full. */
const mostTold = 20;

/** So many breaches are enough: whatever is broken breaks everywhere. */
const mostBreaches = 100;

/** There is nothing to be learnt from more trials. */
export class EnoughError extends Error {}

/** Counts trials and what they find. */
export class Tally {
  readonly #counts = { cuts: 0, doubleCuts: 0, images: 0, lost: 0, half: 0, regressed: 0 };
  readonly #told: string[] = [];
  #breaches = 0;

  get counts(): Counts {
    return { ...this.#counts };
  }

  /** The first breaches, a sentence each. */
  get breaches(): readonly string[] {
    return this.#told;
  }

  count(what: 'cuts' | 'doubleCuts' | 'images'): void {
    this.#counts[what]++;
  }

  /**
   * Makes a trial. A breach is counted, and so is any other error, as lost: firmware that crashes has
   * lost everything.
   *
   * @param where - what was tried, to be told with a breach
   * @throws EnoughError after many breaches
   */
  attempt<Result>(where: () => string, work: () => Result): Result | undefined {
    try {
      return work();
    } catch (error) {
      const breach: Breach = error instanceof BreachError ? error.breach : 'lost';
      this.#counts[breach]++;
      this.#breaches++;
      if (this.#told.length < mostTold) this.#told.push(`${breach}: ${where()}: ${String(error)}`);
      if (this.#breaches === mostBreaches) throw new EnoughError();
      return undefined;
    }
  }
}
