import { fixedAesKey, type KeyMaterial, type KeyType, keyClasses } from '../../../protocol/keys.ts';
import { isBlocked } from '../blocked.ts';
import { done, type Reply, refused } from '../handler.ts';
import type { Ledger } from '../ledger.ts';
import { sessionKeyLimit } from '../limits.ts';
import type { Manufacture } from '../manufacture-block.ts';
import type { Session } from '../sessions.ts';
import { isStillStored, listPrivateKeys, readPrivateKey, storedBytes } from './private-keys.ts';

/** A key that may be used. It is one and the same object for as long as the key lives. */
export interface ChipKey {
  readonly number: number;
  readonly type: KeyType;
  /** Never leaves by a reply. */
  readonly material: KeyMaterial;
}

/** What may be told of a key. */
export interface KeyListing {
  readonly key: number;
  readonly type: KeyType;
  readonly application?: number;
}

interface SessionKey {
  readonly owner: Session;
  readonly key: ChipKey;
}

interface ReadKey {
  readonly application: number;
  readonly key: ChipKey;
  /** As it lay in the store, and when that was last compared. */
  readonly stored: Uint8Array;
  generation: number;
}

const { session: sessionNumbers, private: privateNumbers } = keyClasses;

/** All keys of the chip: who may use which. */
export class KeyTable {
  readonly #ledger: Ledger;
  readonly #fixed: ChipKey;
  readonly #sessionKeys = new Map<number, SessionKey>();
  /** Private keys that were used since the boot. */
  readonly #read = new Map<number, ReadKey>();
  #next: number = sessionNumbers.from;

  constructor(manufacture: Manufacture, ledger: Ledger) {
    this.#ledger = ledger;
    const material = { type: 'aes256', key: manufacture.aesKey } as const;
    this.#fixed = { number: fixedAesKey, type: 'aes256', material };
  }

  /**
   * The key of that number, if it is of one of these types and the session may use it now. Another
   * session's key is not told from none.
   */
  find(session: Session, number: number, types: readonly KeyType[]): Reply<ChipKey> {
    const found = this.#find(session, number);
    if (!found.ok) return found;
    return types.includes(found.value.type) ? found : refused('INVALID_ARGUMENT');
  }

  /** Keeps a key for a session, and gives its number. */
  add(session: Session, material: KeyMaterial): Reply<number> {
    if (!this.hasRoom) return refused('NO_SPACE');
    // A number comes again as late as possible, so that one which is out of date means no other key.
    while (this.#sessionKeys.has(this.#next)) this.#advance();
    const number = this.#next;
    this.#advance();
    this.#sessionKeys.set(number, {
      owner: session,
      key: { number, type: material.type, material },
    });
    return done(number);
  }

  /** Whether `add` has room for another key. */
  get hasRoom(): boolean {
    return this.#sessionKeys.size < sessionKeyLimit;
  }

  /** Forgets a key of the session. */
  drop(session: Session, number: number): Reply<Record<never, never>> {
    if (this.#sessionKeys.get(number)?.owner !== session) return refused('KEY_NOT_FOUND');
    this.#sessionKeys.delete(number);
    return done({});
  }

  /** Forgets all keys of a session. */
  removeAll(session: Session): void {
    for (const [number, { owner }] of this.#sessionKeys) {
      if (owner === session) this.#sessionKeys.delete(number);
    }
  }

  /** The keys of the chip, of all partitions, and of the session. */
  list(session: Session): KeyListing[] {
    const { number, type } = this.#fixed;
    const ownKeys = [...this.#sessionKeys.values()].filter(({ owner }) => owner === session);
    return [
      { key: number, type },
      ...listPrivateKeys(this.#ledger.store).map(({ number: key, application, material }) => {
        return { key, type: material.type, application };
      }),
      ...ownKeys.map(({ key }) => ({ key: key.number, type: key.type })),
    ];
  }

  #find(session: Session, number: number): Reply<ChipKey> {
    if (number === this.#fixed.number) return done(this.#fixed);
    if (number >= sessionNumbers.from) {
      const found = this.#sessionKeys.get(number);
      return found?.owner === session ? done(found.key) : refused('KEY_NOT_FOUND');
    }
    if (number < privateNumbers.from || number > privateNumbers.to) return refused('KEY_NOT_FOUND');
    const found = this.#privateKey(number);
    if (found === undefined) return refused('KEY_NOT_FOUND');
    if (isBlocked(this.#ledger.store)) return refused('DONGLE_BLOCKED');
    if (!session.logins.allows(found.application, privateNumbers.use)) {
      return refused('LOGIN_REQUIRED');
    }
    return done(found.key);
  }

  #privateKey(number: number): ReadKey | undefined {
    const { store, generation } = this.#ledger;
    const known = this.#read.get(number);
    if (known?.generation === generation) return known;
    if (known !== undefined && isStillStored(store, number, known.stored)) {
      known.generation = generation;
      return known;
    }
    this.#read.delete(number);
    const record = readPrivateKey(store, number);
    const stored = storedBytes(store, number);
    if (record === undefined || stored === undefined) return undefined;
    const { application, material } = record;
    const key: ChipKey = { number, type: material.type, material };
    const read: ReadKey = { application, key, stored, generation };
    this.#read.set(number, read);
    return read;
  }

  #advance(): void {
    this.#next = this.#next === sessionNumbers.to ? sessionNumbers.from : this.#next + 1;
  }
}
