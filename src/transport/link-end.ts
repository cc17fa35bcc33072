import { DongleError } from '../errors.ts';
import type { LinkListener } from '../link.ts';

/**
 * How long a failed transfer waits for the news that the device was unplugged. A hub looks at its
 * ports every 256 ms at most (USB 2.0 §11.12.4), and the system, which has its own work with that,
 * tells us by another way.
 */
const newsMs = 2000;

/** How a link comes to its end, once: closed by its user, unplugged, or failed. */
export class LinkEnd {
  readonly #listener: LinkListener;
  readonly #cleanUp: () => Promise<void>;
  #cleaned: Promise<void> | undefined;
  #reason: DongleError | undefined;
  #announce: () => void = () => {};
  readonly #announced = new Promise<void>((resolve) => {
    this.#announce = resolve;
  });

  /** @param cleanUp - gives the device back to the system; called once, must not reject */
  constructor(listener: LinkListener, cleanUp: () => Promise<void>) {
    this.#listener = listener;
    this.#cleanUp = cleanUp;
  }

  /** Why nothing can be sent any more; undefined while the link is open. */
  get reason(): DongleError | undefined {
    return this.#reason;
  }

  /** The link's user closes it. */
  close(): Promise<void> {
    this.#finish(new DongleError('CLOSED'));
    return this.#clean();
  }

  /** The link has ended by itself. */
  end(reason: DongleError): void {
    if (this.#finish(reason)) this.#listener.detached(reason);
    void this.#clean();
  }

  /** A transfer has failed: finds out why, ends the link with it, and gives the reason. */
  async failed(cause: unknown): Promise<DongleError> {
    await settledWithin(newsMs, this.#announced);
    this.end(new DongleError('LINK_FAILED', undefined, { cause }));
    return this.#reason as DongleError;
  }

  #finish(reason: DongleError): boolean {
    if (this.#reason !== undefined) return false;
    this.#reason = reason;
    this.#announce();
    return true;
  }

  #clean(): Promise<void> {
    this.#cleaned ??= this.#cleanUp();
    return this.#cleaned;
  }
}

/** Waits until `work` has ended in any way, but only so long. */
export async function settledWithin(limitMs: number, work: Promise<unknown>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const limit = new Promise((resolve) => {
    timer = setTimeout(resolve, limitMs);
  });
  await Promise.race([work.catch(() => {}), limit]);
  clearTimeout(timer);
}
