import { DongleError } from '../errors.ts';

// What a page keeps, in IndexedDB. The part of it that is used is declared here, as the published
// declarations need a browser's types and do not compile in a program for Node.

interface Asked<Value> {
  readonly result: Value;
  readonly error: unknown;
  onsuccess: (() => void) | null;
  onerror: (() => void) | null;
}

interface Place {
  get(key: string): Asked<unknown>;
  put(value: unknown, key: string): Asked<unknown>;
  add(value: unknown, key: string): Asked<unknown>;
}

interface Database {
  createObjectStore(name: string): unknown;
  transaction(
    place: string,
    mode: 'readonly' | 'readwrite',
    options: { readonly durability: 'strict' },
  ): {
    readonly error: unknown;
    objectStore(name: string): Place;
    oncomplete: (() => void) | null;
    onabort: (() => void) | null;
  };
}

interface IndexedDb {
  open(name: string, version: number): Asked<Database> & { onupgradeneeded: (() => void) | null };
}

const places = ['keys', 'tickets'] as const;

/** What is kept, by kind. */
export type PlaceName = (typeof places)[number];

/** Values that survive the page. Each call is durable when it resolves. */
export class PageStorage {
  readonly #database: Database;

  private constructor(database: Database) {
    this.#database = database;
  }

  /** Whether there is such a thing here. */
  static get exists(): boolean {
    return 'indexedDB' in globalThis;
  }

  /** @throws DongleError `FILE_FAILED` where the browser keeps nothing, as in some private windows */
  static async open(): Promise<PageStorage> {
    try {
      const { indexedDB } = globalThis as unknown as { readonly indexedDB: IndexedDb };
      const opening = indexedDB.open('latchkey', 1);
      opening.onupgradeneeded = () => {
        for (const place of places) opening.result.createObjectStore(place);
      };
      return new PageStorage(await settled(opening));
    } catch (cause) {
      throw storageError(cause);
    }
  }

  get(place: PlaceName, key: string): Promise<unknown> {
    return this.#ask(place, 'readonly', (store) => store.get(key));
  }

  async put(place: PlaceName, key: string, value: unknown): Promise<void> {
    await this.#ask(place, 'readwrite', (store) => store.put(value, key));
  }

  /** Keeps the value if there is none yet, and gives the one that is kept. */
  async putFirst(place: PlaceName, key: string, value: unknown): Promise<unknown> {
    await this.#ask(place, 'readwrite', (store) => store.add(value, key)).catch(() => {});
    return this.get(place, key);
  }

  async #ask(
    place: PlaceName,
    mode: 'readonly' | 'readwrite',
    ask: (store: Place) => Asked<unknown>,
  ): Promise<unknown> {
    try {
      const transaction = this.#database.transaction(place, mode, { durability: 'strict' });
      const done = new Promise<void>((resolve, reject) => {
        transaction.oncomplete = () => resolve();
        transaction.onabort = () => reject(transaction.error);
      });
      const [value] = await Promise.all([settled(ask(transaction.objectStore(place))), done]);
      return value;
    } catch (cause) {
      throw storageError(cause);
    }
  }
}

function settled<Value>(asked: Asked<Value>): Promise<Value> {
  return new Promise((resolve, reject) => {
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}

function storageError(cause: unknown): DongleError {
  return new DongleError(
    'FILE_FAILED',
    'The browser keeps nothing for this page; let it store data, or give connect() a runtime.',
    { cause },
  );
}
