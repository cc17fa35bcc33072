import { done, type Reply, refused } from '../handler.ts';
import type { Ledger } from '../ledger.ts';
import { putValue, readValue } from '../store/draft.ts';
import { storeKeys } from '../store-keys.ts';
import { type TimeLine, timeLineSchema, timeOf, withCertified, withOffer } from './time-line.ts';

/** An offer is written down when it moves the time so far, in seconds. */
const worthWriting = 60;

/** The time of day of a dongle, which has no battery: what it was told, and powered time since. */
export class DongleTime {
  readonly #ledger: Ledger;
  #line: TimeLine | undefined;
  #written: TimeLine | undefined;
  /** What it would be at least if the power went now. */
  #lasting = 0;

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
    this.#line = readValue(ledger.store, storeKeys.time, timeLineSchema);
    this.#written = this.#line;
    this.#lasting = this.now() ?? 0;
  }

  /** Seconds since 1970; undefined where nobody has told it. */
  now(): number | undefined {
    return this.#line && timeOf(this.#line, this.#ledger.now());
  }

  /** The last certified time, and the powered time since; or all of it, where there was none. */
  get certified(): { readonly time: number | undefined; readonly poweredMs: number } {
    const nowMs = this.#ledger.now();
    if (this.#line?.source !== 'certified') return { time: undefined, poweredMs: nowMs };
    return { time: this.#line.time, poweredMs: nowMs - this.#line.atMs };
  }

  /** Takes what a time key has signed for a nonce that was made at this powered time. */
  certify(time: number, askedMs: number): Reply<{ readonly time: number }> {
    const line = withCertified(this.#line, time, askedMs, this.#ledger.now());
    if (line === undefined) return refused('TIME_REFUSED');
    return this.#write(line)
      ? done({ time: timeOf(line, this.#ledger.now()) })
      : refused('NO_SPACE');
  }

  /** Takes a system's time, and tells what the dongle's is then. */
  offer(time: number): Reply<{ readonly time: number }> {
    const nowMs = this.#ledger.now();
    const line = withOffer(this.#line, time, nowMs);
    if (line === undefined) return refused('TIME_REFUSED');
    const moved = timeOf(line, nowMs) - (this.#written ? timeOf(this.#written, nowMs) : 0);
    // The flash would not last for the small corrections of each session.
    if (moved >= worthWriting && !this.#write(line)) return refused('NO_SPACE');
    this.#line = line;
    return done({ time: timeOf(line, nowMs) });
  }

  /**
   * A decision has relied on this moment having passed. After a loss of power the time may be a
   * minute behind, but never before that moment again.
   */
  hold(moment: number): void {
    if (this.#lasting < moment && this.#line !== undefined) this.#write(this.#line);
  }

  /** Writes a line down, and with it the powered time. */
  #write(line: TimeLine): boolean {
    const draft = this.#ledger.draft();
    if (line !== this.#written) putValue(draft, storeKeys.time, timeLineSchema, line);
    if (!this.#ledger.commit(draft.changes)) return false;
    this.#line = line;
    this.#written = line;
    this.#lasting = timeOf(line, this.#ledger.now());
    return true;
  }
}
