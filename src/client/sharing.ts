import type { Clock } from '../clock.ts';
import type { MaybePromise } from '../crypto/suite.ts';

/** Something that speaks for others using the same dongle. */
export interface SharingEvidence {
  readonly kind: /** The dongle itself says that it is shared. */
    | 'dongle'
    /** Others have asked the dongle for a session while this runtime had it. */
    | 'knocks'
    /** The dongle answers on channels that this program has not opened. */
    | 'foreign-channels'
    /** Other programs of this machine have the device open. */
    | 'openers'
    /** Another program of this machine has claimed the vendor interface. */
    | 'claim'
    /** The dongle is reached over a network. */
    | 'usbip'
    /** This program cannot see who else has the device open. */
    | 'unseen';
  /** Strong evidence is proof of another machine; weak evidence has innocent explanations too. */
  readonly weight: 'strong' | 'weak';
  /** One sentence. */
  readonly detail: string;
}

/** Whether more than one machine uses a dongle, and what speaks for that. */
export interface SharingReport {
  readonly verdict: 'exclusive' | 'shared' | 'unknown';
  readonly evidence: readonly SharingEvidence[];
}

/** What to do about a dongle that other machines use: throw or end with `SHARED`, tell, or nothing. */
export type SharingPolicy = 'refuse' | 'warn' | 'allow';

/** Other programs of this machine share nothing between machines. */
const ofThisMachine: ReadonlySet<SharingEvidence['kind']> = new Set(['openers', 'claim']);

/** What the evidence comes to. */
export function judgeSharing(evidence: readonly SharingEvidence[]): SharingReport {
  if (evidence.some(({ weight }) => weight === 'strong')) return { verdict: 'shared', evidence };
  const explained = evidence.every(({ kind }) => ofThisMachine.has(kind));
  return { verdict: explained ? 'exclusive' : 'unknown', evidence };
}

/** Says why it cannot be seen who else has the device open. */
export function unseenEvidence(detail: string): SharingEvidence {
  return { kind: 'unseen', weight: 'weak', detail };
}

/**
 * How often this machine is looked at, at most, as whoever talks beside us may do so all the time.
 * And how long after a look a packet must come, so that it was not on its way before.
 */
const pauseMs = 1000;
/** Channels that are remembered. */
const channelLimit = 64;

/** Gathers what speaks for others while a session lives. */
export class SharingWatch {
  readonly #clock: Clock;
  readonly #inspect: () => MaybePromise<readonly SharingEvidence[]>;
  readonly #isOurs: (channel: number) => boolean;
  readonly #onShared: (report: SharingReport) => void;
  /** Channels that are not ours, each with when the first look ended that did not explain it. */
  readonly #channels = new Map<number, number | undefined>();
  readonly #strong: SharingEvidence[] = [];
  #nextLookMs = Number.NEGATIVE_INFINITY;
  #knocks = 0;

  /**
   * `isOurs` tells the channels of this runtime's other sessions. `onShared` is called once, when
   * there is strong evidence that no answer of the dongle tells.
   */
  constructor(
    clock: Clock,
    inspect: () => MaybePromise<readonly SharingEvidence[]>,
    isOurs: (channel: number) => boolean,
    onShared: (report: SharingReport) => void,
  ) {
    this.#clock = clock;
    this.#inspect = inspect;
    this.#isOurs = isOurs;
    this.#onShared = onShared;
  }

  /**
   * A packet has come on somebody else's channel. That of a program which opens the device, asks and
   * goes may be seen when the program has gone already. But a channel that was there before a look at
   * all programs of the machine found none, and is there afterwards, belongs to another machine.
   */
  sighted(channel: number): void {
    if (this.#isOurs(channel)) return;
    const nowMs = this.#clock.now();
    const lookedMs = this.#channels.get(channel);
    if (lookedMs !== undefined) {
      if (nowMs >= lookedMs + pauseMs) this.#convinced();
      return;
    }
    this.#channels.set(channel, undefined);
    if (this.#channels.size > channelLimit) {
      const [oldest] = this.#channels.keys();
      this.#channels.delete(oldest as number);
    }
    if (nowMs < this.#nextLookMs) return;
    this.#nextLookMs = nowMs + pauseMs;
    void this.#explain();
  }

  /** The dongle has told how often others have knocked. */
  knocked(knocks: number): void {
    this.#knocks = knocks;
  }

  /** The session has ended with `SHARED`: by the dongle's word, unless we have seen it ourselves. */
  told(): void {
    if (this.#strong.length > 0) return;
    this.#strong.push({
      kind: 'dongle',
      weight: 'strong',
      detail: 'The dongle says that several machines use it.',
    });
  }

  /** What is known now. */
  async report(): Promise<SharingReport> {
    const shown = await this.#look();
    const evidence = [...this.#strong, ...shown];
    const explained = shown.some(({ kind }) => ofThisMachine.has(kind));
    // One of ours may have been seen before it was known as such.
    const foreign = [...this.#channels.keys()].some((channel) => !this.#isOurs(channel));
    if (this.#strong.length === 0 && foreign && !explained) {
      evidence.push({
        kind: 'foreign-channels',
        weight: 'weak',
        detail: 'The dongle has answered others meanwhile.',
      });
    }
    if (this.#knocks > 0) {
      evidence.push({
        kind: 'knocks',
        weight: 'weak',
        detail: `How often others have asked for the dongle meanwhile: ${this.#knocks}.`,
      });
    }
    return judgeSharing(evidence);
  }

  async #explain(): Promise<void> {
    const seen = [...this.#channels.keys()];
    const found = await this.#look();
    // Programs of this machine, or those that cannot be seen, explain everything.
    if (found.some(({ kind }) => kind === 'unseen' || ofThisMachine.has(kind))) return;
    const lookedMs = this.#clock.now();
    for (const channel of seen) {
      if (this.#channels.has(channel)) {
        this.#channels.set(channel, this.#channels.get(channel) ?? lookedMs);
      }
    }
  }

  async #look(): Promise<readonly SharingEvidence[]> {
    try {
      return await this.#inspect();
    } catch {
      return [unseenEvidence('This machine cannot be looked at.')];
    }
  }

  #convinced(): void {
    if (this.#strong.length > 0) return;
    const evidence: SharingEvidence = {
      kind: 'foreign-channels',
      weight: 'strong',
      detail:
        'The dongle talks to somebody else all along, and no other program of this machine has it open.',
    };
    this.#strong.push(evidence);
    this.#onShared({ verdict: 'shared', evidence: [evidence] });
  }
}
