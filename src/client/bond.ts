import type { Runtime } from './runtime.ts';
import type { Session } from './session.ts';

/** Channels of this runtime that are remembered: a packet may come when its session is over. */
const channelLimit = 64;

/** What a runtime has to do with one dongle. */
export class Bond {
  /** Its living sessions, of one binding. */
  readonly sessions = new Set<Session>();
  readonly #channels = new Set<number>();
  /** Whether another start of the runtime has taken the dongle over: this one leaves it alone then. */
  superseded = false;
  #holders = 0;
  #letGo = () => {};
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
   * Keeps other programs of this machine away until the returned function has been called by all
   * that have got one. To be called in turn.
   */
  async hold(): Promise<() => void> {
    if (this.#holders === 0) this.#letGo = await this.#runtime.hold(this.#dongle);
    this.#holders++;
    let holds = true;
    return () => {
      if (!holds) return;
      holds = false;
      if (--this.#holders === 0) this.#letGo();
    };
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
