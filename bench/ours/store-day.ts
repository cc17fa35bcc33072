import { type FlashWear, MemoryFlash, smallFlash } from '../../src/emulator/board/flash.ts';
import { type Change, Store, type StoreKey } from '../../src/emulator/firmware/store/store.ts';

const time: StoreKey = { id: 1, name: 'powered time', kind: 'value', maxBytes: 6 };
const binding: StoreKey = { id: 2, name: 'binding', kind: 'value', maxBytes: 100 };
const takeovers: StoreKey = { id: 3, name: 'takeovers', kind: 'value', maxBytes: 4 };
const confirmation: StoreKey = { id: 4, name: 'confirmation', kind: 'value', maxBytes: 4 };
const uses: StoreKey = { id: 5, name: 'uses', kind: 'counter', maxBytes: 6 };
const attempts: StoreKey = { id: 6, name: 'attempts', kind: 'value', maxBytes: 2 };

/** What a dongle commits on a full working day, in even turns. */
const dayOfCommits = spread([
  // Eight hours, a record each minute.
  [480, () => [filled(time)]],
  // Runtimes that bind: what they bind with, and that they have stored their ticket.
  [200, () => [filled(binding), filled(takeovers), filled(time)]],
  [200, () => [filled(confirmation)]],
  [1_000, (store) => [{ key: uses, count: store.count(uses) + 1 }]],
  // Logins: the attempt is counted before it is judged, and taken back after it.
  [50, () => [filled(attempts)]],
  [50, () => [filled(attempts)]],
]);

/** Days lived on the smallest flash. */
export interface Life {
  readonly days: number;
  /** Bytes of all keys' ids and values that were committed. */
  readonly ownBytes: number;
  readonly wear: FlashWear;
}

/** Lives so many days like that. */
export function live(days: number): Life {
  const flash = new MemoryFlash(smallFlash, { enduranceErases: Number.POSITIVE_INFINITY });
  Store.format(flash);
  const opened = Store.open(flash);
  if (!opened.ok) throw new Error(opened.detail);
  const store = opened.value;
  let ownBytes = 0;
  for (let day = 0; day < days; day++) {
    for (const make of dayOfCommits) {
      const changes = make(store);
      if (!store.commit(changes).ok) throw new Error('the flash is full');
      for (const { key } of changes) ownBytes += 2 + key.maxBytes;
    }
  }
  return { days, ownBytes, wear: flash.wear };
}

type Commit = (store: Store) => readonly Change[];

let filler = 0;

function filled(key: StoreKey): Change {
  return { key, value: new Uint8Array(key.maxBytes).fill(filler++) };
}

/** Puts what happens so many times in the order in which it would, each in even turns. */
function spread(parts: readonly (readonly [count: number, commit: Commit])[]): readonly Commit[] {
  return parts
    .flatMap(([count, commit]) =>
      Array.from({ length: count }, (_, i) => ({ at: (i + 0.5) / count, commit })),
    )
    .sort((a, b) => a.at - b.at)
    .map(({ commit }) => commit);
}
