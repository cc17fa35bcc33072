import { isBlocked } from '../blocked.ts';
import { done, type Reply, refused } from '../handler.ts';
import type { Ledger } from '../ledger.ts';
import type { Draft } from '../store/draft.ts';
import type { DongleTime } from '../time/index.ts';
import {
  type Circumstances,
  expiryOf,
  judge,
  type Question,
  renewWithinDays,
  unitsLeft,
  useOnce,
} from './judge.ts';
import { type Entry, putUse, readEntries } from './record.ts';
import { type Taking, takeUnits } from './take.ts';

/** A license by its name. */
export interface LicenseName {
  readonly vendor: number;
  readonly product: number;
}

/** Who has the dongle. */
export interface Owner {
  /** Ids of its machine; none where that is unknown. */
  readonly machine: readonly Uint8Array[];
}

/** What a valid license answers. */
export interface Standing {
  readonly unitsLeft?: number;
  readonly expiry?: number;
  readonly renewWithinDays?: number;
}

/** The licenses in use: each question is judged now, and what it changes is committed first. */
export class Licenses {
  readonly #ledger: Ledger;
  readonly #time: DongleTime;
  readonly #owner: Owner;
  /** As they lie in the store, until that changes. */
  #entries: readonly Entry[] = [];
  #generation = -1;

  constructor(ledger: Ledger, time: DongleTime, owner: Owner) {
    this.#ledger = ledger;
    this.#time = time;
    this.#owner = owner;
  }

  /** All licenses, in the order of their slots. */
  all(): readonly Entry[] {
    const { generation, store } = this.#ledger;
    if (generation !== this.#generation) {
      this.#entries = readEntries(store);
      this.#generation = generation;
    }
    return this.#entries;
  }

  find({ vendor, product }: LicenseName): Entry | undefined {
    return this.all().find((entry) => entry.vendor === vendor && entry.license.product === product);
  }

  /** What a license would answer, for people. */
  standing(entry: Entry): Standing {
    const now = this.#time.now();
    const [left, expiry] = [unitsLeft(entry), expiryOf(entry, now)];
    const days = renewWithinDays(entry, now);
    // A decoy does not expire, and so does not say when it has.
    const ends = expiry !== undefined && (entry.state !== 'decoy' || expiry > (now ?? 0));
    return {
      ...(left !== undefined && { unitsLeft: left }),
      ...(ends && { expiry }),
      ...(days !== undefined && { renewWithinDays: days }),
    };
  }

  /** Uses a license without taking units; gives it as it is then. */
  use(name: LicenseName, question: Question): Reply<Entry> {
    const admitted = this.#admit(name, question);
    if (!admitted.ok) return admitted;
    const { draft, entry } = admitted.value;
    return this.#commit(draft) ? done(entry) : refused('NO_SPACE');
  }

  /** Uses a license and takes units of it, in one commit; gives the units left. */
  take(name: LicenseName, question: Question, taking: Taking): Reply<number | undefined> {
    const admitted = this.#admit(name, question);
    if (!admitted.ok) return admitted;
    const { draft, entry } = admitted.value;
    const left = takeUnits(draft, entry, taking);
    if (!left.ok) return left;
    return this.#commit(draft) ? left : refused('NO_SPACE');
  }

  /** Judges a question; the use of a license that is valid is in the draft. */
  #admit(name: LicenseName, question: Question): Reply<{ draft: Draft; entry: Entry }> {
    if (isBlocked(this.#ledger.store)) return refused('DONGLE_BLOCKED');
    const entry = this.find(name);
    if (entry === undefined) return refused('LICENSE_NOT_FOUND');
    const circumstances = this.#circumstances();
    const { refusal, since } = judge(entry, question, circumstances);
    if (since !== undefined) this.#time.hold(since);
    if (refusal !== undefined) return refused(refusal);
    const draft = this.#ledger.draft();
    const use = useOnce(entry, circumstances);
    if (use === entry.use) return done({ draft, entry });
    putUse(draft, entry.slot, use);
    return done({ draft, entry: { ...entry, use } });
  }

  #circumstances(): Circumstances {
    // Commands over a bridge will say so; as yet every session is of the machine itself.
    return { now: this.#time.now(), machine: this.#owner.machine, reach: 'local' };
  }

  #commit({ changes }: Draft): boolean {
    return changes.length === 0 || this.#ledger.commit(changes);
  }
}
