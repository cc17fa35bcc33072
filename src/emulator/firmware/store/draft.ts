import { type Decoded, decode, encode, type Schema } from '../../../protocol/schema/index.ts';
import type { Change, Store, StoreKey } from './store.ts';

/** What can be read of a store. */
export type StoreReader = Pick<Store, 'get' | 'count'>;

/**
 * The store as it will be after a commit: what is changed here is read here, and nothing is written.
 * So a rule is the same whether it stands alone or is one of many that an update applies at once.
 */
export class Draft implements StoreReader {
  readonly #store: StoreReader;
  readonly #changes = new Map<number, Change>();

  constructor(store: StoreReader) {
    this.#store = store;
  }

  /** The value of a key; undefined where there is none. */
  get(key: StoreKey): Uint8Array | undefined {
    const change = this.#changes.get(key.id);
    if (change === undefined) return this.#store.get(key);
    return 'value' in change ? change.value : undefined;
  }

  /** The value of a counter; 0 where it was never set. */
  count(key: StoreKey): number {
    const change = this.#changes.get(key.id);
    if (change === undefined) return this.#store.count(key);
    return 'count' in change ? change.count : 0;
  }

  /**
   * Whether nothing lies under a key, before and after the commit. A slot that is emptied and filled
   * in one commit would keep its counter.
   */
  isFree(key: StoreKey): boolean {
    return this.get(key) === undefined && this.#store.get(key) === undefined;
  }

  put(key: StoreKey, value: Uint8Array): void {
    this.#changes.set(key.id, { key, value });
  }

  /** Sets a counter, which never goes back. */
  raise(key: StoreKey, count: number): void {
    this.#changes.set(key.id, { key, count });
  }

  remove(key: StoreKey): void {
    this.#changes.set(key.id, { key, remove: true });
  }

  /** What is to be committed. */
  get changes(): readonly Change[] {
    return [...this.#changes.values()];
  }
}

/** A value of the store that has the form of a schema; a store that says otherwise is damaged. */
export function readValue<Value>(
  store: StoreReader,
  key: StoreKey,
  schema: Schema<Value>,
): Value | undefined {
  const bytes = store.get(key);
  if (bytes === undefined) return undefined;
  const decoded: Decoded<Value> = decode(schema, bytes);
  if (!decoded.ok) throw new Error(`the ${key.name} in the store cannot be read`);
  return decoded.value;
}

/** Puts a value into a draft. */
export function putValue<Value>(
  draft: Draft,
  key: StoreKey,
  schema: Schema<Value>,
  value: Value,
): void {
  draft.put(key, encode(schema, value));
}
