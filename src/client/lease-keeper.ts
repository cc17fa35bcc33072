import type { HostClock } from '../clock.ts';
import { Alarm } from './alarm.ts';
import {
  type Lease,
  type LeaseState,
  leaseState,
  type Moment,
  momentOf,
  recordAnswered,
  recordSent,
} from './lease.ts';

/** Shortest time between two signs of life, whatever lease a dongle gives. */
const shortestBeatMs = 100;
/** However much else is said, every so many beats one is to ask who has knocked. */
const beatsBetweenQuestions = 4;

/** What a lease needs of its session. */
interface LeaseUser {
  /** The machine stood still: the session is over. */
  lose(): void;
  /** It is time to say `renew`; returns false when that has to wait for an answer. */
  renew(): boolean;
}

/** Keeps a session's lease: by the clocks of the machine, and with a sign of life when it is due. */
export class LeaseKeeper {
  /** How often the dongle hears of its owner. */
  readonly beatMs: number;
  readonly #clock: HostClock;
  readonly #user: LeaseUser;
  readonly #alarm: Alarm;
  #lease: Lease;
  #sentMs: number;
  #renewedMs: number;

  constructor(clock: HostClock, lease: Lease, user: LeaseUser) {
    this.#clock = clock;
    this.#lease = lease;
    this.#user = user;
    this.beatMs = Math.max(lease.beatMs, shortestBeatMs);
    // The first request makes the ticket before this binding worthless, so it comes soon.
    this.#sentMs = lease.sentMs + shortestBeatMs - this.beatMs;
    this.#renewedMs = lease.sentMs;
    this.#alarm = new Alarm(clock, () => this.beat(), 'background');
  }

  /** Where the lease stands. One that is void ends the session. */
  state(): LeaseState {
    const { atMs, wallMs } = momentOf(this.#clock);
    const state = leaseState(this.#lease, atMs, wallMs);
    if (state === 'void') this.#user.lose();
    return state;
  }

  /** A record is sent for the first time; its time is for `answered`. */
  sent(): Moment {
    const now = momentOf(this.#clock);
    this.#lease = recordSent(this.#lease, now);
    this.#sentMs = now.atMs;
    return now;
  }

  /** The answer has come to a record that was first sent then; false when the lease is void. */
  answered(sent: Moment): boolean {
    if (this.state() === 'void') return false;
    this.#lease = recordAnswered(this.#lease, sent);
    return true;
  }

  /** Shows the dongle that its owner lives, if that is due, and else when it is. */
  beat(): void {
    if (this.state() === 'void') return;
    const asksAgainMs = this.#renewedMs + beatsBetweenQuestions * this.beatMs;
    const dueMs = Math.min(this.#sentMs + this.beatMs, asksAgainMs);
    const nowMs = this.#clock.now();
    if (nowMs < dueMs) this.#alarm.set(dueMs);
    else if (this.#user.renew()) this.#renewedMs = nowMs;
  }

  /** There is nothing to keep any more. */
  stop(): void {
    this.#alarm.cancel();
  }
}
