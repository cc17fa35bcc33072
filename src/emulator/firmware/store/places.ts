import { type EntryKind, entryBytes } from './entry.ts';
import type { StoreKey } from './store-key.ts';

/** Keys that a store holds at most. */
export const mostKeys = 1024;

/** Changes of one commit at most: every key removed, and as many new ones. */
export const mostChanges = 2 * mostKeys;

/** Where the entry that counts of a key lies. */
export interface Place {
  readonly address: number;
  readonly kind: StoreKey['kind'];
  readonly valueBytes: number;
}

/** All that the store keeps in memory: the place of each key. Values stay in flash. */
export class Places {
  readonly #places = new Map<number, Place>();

  get size(): number {
    return this.#places.size;
  }

  at(id: number): Place | undefined {
    return this.#places.get(id);
  }

  values(): Iterable<Place> {
    return this.#places.values();
  }

  /** What is at `address` counts from now on. */
  set(id: number, kind: EntryKind, valueBytes: number, address: number): void {
    if (kind === 'removed') this.#places.delete(id);
    else this.#places.set(id, { address, kind, valueBytes });
  }

  /** Whether the entry at an address is the one that counts of its key. */
  isAt(id: number, address: number): boolean {
    return this.#places.get(id)?.address === address;
  }

  /** How many bytes the entry of a key takes; 0 where there is none. */
  entryBytes(id: number): number {
    const place = this.#places.get(id);
    return place === undefined ? 0 : entryBytes(place.kind, place.valueBytes);
  }

  /** The same of all keys that have one. */
  allEntryBytes(): Map<number, number> {
    return new Map(Array.from(this.#places.keys(), (id) => [id, this.entryBytes(id)]));
  }
}
