import { equalBytes, toHex } from '../../src/bytes.ts';
import type { Flash } from '../../src/emulator/board/flash.ts';
import type { Change, StoreKey } from '../../src/emulator/firmware/store/store-key.ts';
import { SecretSearch } from './secret-search.ts';
import type { StoreView } from './workload.ts';

/** What must not be: a change is lost, half of one is there, or a counter went back. */
export type Breach = 'lost' | 'half' | 'regressed';

/** Found in a store. */
export class BreachError extends Error {
  constructor(
    readonly breach: Breach,
    message: string,
  ) {
    super(message);
  }
}

interface Known {
  readonly key: StoreKey;
  /** A counter's as a number; undefined when it is removed, or was never there. */
  readonly value: Uint8Array | number | undefined;
}

type Contents = ReadonlyMap<number, Known>;

/** Secrets that are gone and still looked for. */
const secretsRemembered = 6;

/**
 * Knows what a store must hold: what has been acknowledged, in a plain map, and the commit that has
 * not been, if there is one.
 */
export class Oracle {
  #contents: Contents = new Map();
  #pending: readonly Change[] | undefined;
  #gone = new SecretSearch([]);

  copy(): Oracle {
    const copy = new Oracle();
    copy.#contents = this.#contents;
    copy.#pending = this.#pending;
    copy.#gone = this.#gone;
    return copy;
  }

  /** The store, with the oracle listening. */
  watch(store: StoreView): StoreView {
    return {
      get: (key) => store.get(key),
      count: (key) => store.count(key),
      commit: (changes) => {
        this.#pending = changes;
        const outcome = store.commit(changes);
        if (outcome.ok) this.#settle(apply(this.#contents, changes));
        this.#pending = undefined;
        return outcome;
      },
    };
  }

  /**
   * Compares with a store after a boot, and says whether the commit that was under way is there.
   *
   * @throws BreachError
   */
  judge(store: StoreView): 'before' | 'after' {
    const before = this.#contents;
    const after = this.#pending === undefined ? before : apply(before, this.#pending);
    let verdict: 'before' | 'after' | undefined;
    for (const [id, { key, value: newer }] of after) {
      const older = before.get(id)?.value;
      const value = read(store, key);
      const isOlder = isSame(value, older);
      const isNewer = isSame(value, newer);
      if (!isOlder && !isNewer) {
        const breach = Number(value ?? 0) < Number(older ?? 0) ? 'regressed' : 'lost';
        const words = `${key.name} is ${spell(value)}, not ${spell(older)} or ${spell(newer)}`;
        throw new BreachError(key.kind === 'counter' ? breach : 'lost', words);
      }
      if (isOlder && isNewer) continue;
      const side = isNewer ? 'after' : 'before';
      if (verdict !== undefined && verdict !== side) {
        throw new BreachError('half', `${key.name} alone is as it was ${side} the commit`);
      }
      verdict = side;
    }
    if (this.#pending !== undefined) {
      // The one of the two that does not count must be gone, as far as it is secret.
      this.#settle(verdict === 'after' ? after : before, verdict === 'after' ? before : after);
      this.#pending = undefined;
    }
    return verdict ?? 'before';
  }

  /**
   * Looks for secrets that have been replaced or removed, in the whole of a flash.
   *
   * @throws BreachError
   */
  searchSecrets(flash: Flash): void {
    const found = this.#gone.findIn(flash.read(0, flash.pageBytes * flash.pageCount));
    if (found === undefined) return;
    throw new BreachError('half', `a secret that is gone is still there, at ${found}`);
  }

  #settle(contents: Contents, discarded = this.#contents): void {
    this.#contents = contents;
    const live = new Set(secretsOf(contents));
    const gone = new Set([...this.#gone.secrets, ...secretsOf(discarded)]);
    for (const secret of live) gone.delete(secret);
    const secrets = [...gone].slice(-secretsRemembered);
    if (secrets.join() !== this.#gone.secrets.join()) this.#gone = new SecretSearch(secrets);
  }
}

function apply(contents: Contents, changes: readonly Change[]): Contents {
  const changed = new Map(contents);
  for (const change of changes) {
    const value = 'value' in change ? change.value : 'count' in change ? change.count : undefined;
    changed.set(change.key.id, { key: change.key, value });
  }
  return changed;
}

function read(store: StoreView, key: StoreKey): Known['value'] {
  const value = store.get(key);
  return value !== undefined && key.kind === 'counter' ? store.count(key) : value;
}

function isSame(a: Known['value'], b: Known['value']): boolean {
  if (a === b) return true;
  return a instanceof Uint8Array && b instanceof Uint8Array && equalBytes(a, b);
}

function spell(value: Known['value']): string {
  return value instanceof Uint8Array ? toHex(value) : String(value);
}

function secretsOf(contents: Contents): string[] {
  const secrets: string[] = [];
  for (const { key, value } of contents.values()) {
    if (key.kind === 'secret' && value instanceof Uint8Array) secrets.push(toHex(value));
  }
  return secrets;
}
