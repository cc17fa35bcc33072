import type { Ending } from './ending.ts';
import type { Hold, Invitation, Runtime } from './runtime.ts';
import type { Session } from './session.ts';
import { shareable } from './shareable.ts';

/** Channels of this runtime that are remembered: a packet may come when its session is over. */
const channelLimit = 64;

/** What a runtime has to do with one dongle. */
export class Bond {
  /** Its living sessions, of one binding. */
  readonly sessions = new Set<Session>();
  readonly #channels = new Set<number>();
  /** Whether another start of the runtime has taken the dongle over: this one leaves it alone then. */
  superseded = false;
  /** Shares the hold that the latest session is under. */
  #share: () => (() => void) | undefined = () => undefined;
  #last: Promise<unknown> = Promise.resolve();
  readonly #runtime: Runtime;
  readonly #dongle: string;

  constructor(runtime: Runtime, dongle: string) {
    this.#runtime = runtime;
    this.#dongle = dongle;
  }

  /**
   * Claims go one after the other, as each needs the ticket of the one before. `over` resolves when
   * the claim's turn is over.
   */
  inTurn<Result>(claim: (over: Promise<unknown>) => Promise<Result>): Promise<Result> {
    const turn: Promise<Result> = this.#last.then(() => claim(over));
    const over = turn.catch(() => {});
    this.#last = over;
    return turn;
  }

  /** Remembers a channel of this runtime. */
  addChannel(channel: number): void {
    this.#channels.add(channel);
    if (this.#channels.size <= channelLimit) return;
    const [oldest] = this.#channels;
    this.#channels.delete(oldest as number);
  }

  /** Whether what is said on a channel is said to this runtime. */
  hasChannel(channel: number): boolean {
    return this.#channels.has(channel);
  }

  /**
   * Joins the sessions of this program, if one answers, or else those of other programs of its
   * machine. To be called in turn; `decided` resolves when the turn is over.
   *
   * @throws DongleError `IN_USE`, the dongle's refusal to invite, or why `ending` has come
   */
  async hold(ending: Ending, decided: Promise<unknown>): Promise<Hold> {
    const joined = await this.#join(ending, decided);
    if (joined !== undefined) return joined;
    const { invitation, release } = await this.#runtime.hold(this.#dongle, {
      get signal() {
        return ending.signal;
      },
      decided,
      invite: (signal, guestDecided) => this.#invite(signal, guestDecided),
    });
    this.#share = shareable(release);
    return { invitation, release: this.#share() ?? release };
  }

  async #join(ending: Ending, decided: Promise<unknown>): Promise<Hold | undefined> {
    if (this.sessions.size === 0) return undefined;
    // Before anything else, as the session that invites may be the last one under it.
    const release = this.#share();
    if (release === undefined) return undefined;
    try {
      const invitation = await this.#invite(ending.signal, decided);
      if (invitation !== undefined) return { invitation, release };
    } catch (error) {
      release();
      throw error;
    }
    release();
    return undefined;
  }

  /** An invitation by a session that answers, one that is idle if there is one. */
  async #invite(signal: AbortSignal, decided: Promise<unknown>): Promise<Invitation | undefined> {
    const newestFirst = [...this.sessions].reverse();
    const idleFirst = [
      ...newestFirst.filter(({ busy }) => !busy),
      ...newestFirst.filter(({ busy }) => busy),
    ];
    for (const session of idleFirst) {
      try {
        return await session.invite(signal, decided);
      } catch (error) {
        // One that has ended by that was lost already; the dongle's own refusal is an answer.
        if (!session.over) throw error;
      }
    }
    return undefined;
  }
}

const bonds = new WeakMap<Runtime, Map<string, Bond>>();

/** The bond between a runtime and the dongle with this name. */
export function bondOf(runtime: Runtime, dongle: string): Bond {
  let ofRuntime = bonds.get(runtime);
  if (ofRuntime === undefined) {
    ofRuntime = new Map();
    bonds.set(runtime, ofRuntime);
  }
  let bond = ofRuntime.get(dongle);
  if (bond === undefined) {
    bond = new Bond(runtime, dongle);
    ofRuntime.set(dongle, bond);
  }
  return bond;
}
