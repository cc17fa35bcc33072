import type { DongleError } from '../errors.ts';

/**
 * Whether something has come to its end, and why. Its signal is made for whoever asks for it, as one
 * costs as much as ten hashes and most connects need none.
 */
export class Ending {
  #reason: DongleError | undefined;
  #controller: AbortController | undefined;

  /** Aborts at the end. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#reason !== undefined) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  /** Throws the reason once there is one. */
  throwIfOver(): void {
    if (this.#reason !== undefined) throw this.#reason;
  }

  /** This is the end. Called again, it changes nothing. */
  end(reason: DongleError): void {
    this.#reason ??= reason;
    this.#controller?.abort(this.#reason);
  }
}
