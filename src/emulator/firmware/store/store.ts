import type { Outcome } from '../../../errors.ts';
import type { Flash } from '../../board/flash.ts';
import { fitting, lackOfSpace, pageRoomBytes } from './capacity.ts';
import { decodeCount, entryValueAt } from './entry.ts';
import { type FrameRole, frameOverhead, largestPageBytes } from './frame.ts';
import { encodeHeader } from './page-header.ts';
import type { Places } from './places.ts';
import { reclaimOldest } from './reclaim.ts';
import { type Recovered, recover } from './recovery.ts';
import { pageOf, type Ring, ringPages } from './ring.ts';
import { wipeSecret } from './secrets.ts';
import type { Change, StoreKey } from './store-key.ts';
import { encodeChange, type Write } from './write.ts';

export type { Change, StoreKey } from './store-key.ts';

/**
 * What the firmware keeps, in all pages of the flash but the first: values under keys, changed by
 * commits that happen whole or not at all, whenever the power goes. It is a log: a change is written
 * behind all others, and the oldest page is erased once what still counts in it has been copied.
 * Only where each value lies is kept in memory.
 */
export class Store {
  readonly #ring: Ring;
  readonly #places: Places;
  #state: 'ready' | 'writing' = 'ready';

  private constructor({ ring, places }: Recovered) {
    this.#ring = ring;
    this.#places = places;
  }

  /** Makes an empty store of erased pages. */
  static format(flash: Flash): void {
    checkGeometry(flash);
    flash.program(pageOf(flash, 0) * flash.pageBytes, encodeHeader({ sequence: 0, oldest: 0 }));
  }

  /**
   * Opens the store at boot, and finishes what a power cut has interrupted. What no power cut can
   * have left is refused, and then nothing is written.
   */
  static open(flash: Flash): Outcome<Store, 'FLASH_INVALID'> {
    checkGeometry(flash);
    const recovered = recover(flash);
    return recovered.ok ? { ok: true, value: new Store(recovered.value) } : recovered;
  }

  /** The value of a key; undefined where none is stored, or one of another kind. */
  get(key: StoreKey): Uint8Array | undefined {
    const place = this.#places.at(key.id);
    if (place?.kind !== key.kind) return undefined;
    return this.#ring.flash.read(entryValueAt(place.address), place.valueBytes);
  }

  /** The value of a counter; 0 where it was never set. */
  count(key: StoreKey): number {
    const value = key.kind === 'counter' ? this.get(key) : undefined;
    return value === undefined ? 0 : decodeCount(value);
  }

  /**
   * Makes all the changes or none. When it returns, they are there for good, and the secrets that
   * they replace or remove are gone from the flash. `NO_SPACE` is said before anything is written,
   * and only where a change needs more room than what it replaces: less than half of the pages may
   * fill, so that a commit never waits for much copying.
   *
   * @throws RangeError where a key cannot take its change, or two are of one key: nothing is written
   * @throws FlashFault, PowerCut, or what else the flash throws; the store must be opened again then
   */
  commit(changes: readonly Change[]): Outcome<undefined, 'NO_SPACE'> {
    if (this.#state === 'writing') {
      throw new Error('the last commit failed half-way: the store must be opened again');
    }
    const writes = this.#encode(changes);
    const frames = intoFrames(writes, this.#ring);
    const newPages = this.#fit(frames) ? 0 : frames.length;
    const lack = lackOfSpace(this.#ring, this.#places, writes, newPages);
    if (lack !== undefined) return { ok: false, code: 'NO_SPACE', detail: lack };
    this.#state = 'writing';
    this.#write(writes, frames);
    this.#state = 'ready';
    return { ok: true, value: undefined };
  }

  #encode(changes: readonly Change[]): Write[] {
    const ids = new Set(changes.map(({ key }) => key.id));
    if (ids.size !== changes.length) throw new RangeError('a commit changes a key once');
    return (
      changes
        .map((change) => encodeChange(change, this.count(change.key)))
        // Nothing is to be done where there is nothing to remove.
        .filter(({ id, kind }) => kind !== 'removed' || this.#places.at(id) !== undefined)
    );
  }

  /** Whether the frames of a commit fit into the newest page, as it is. */
  #fit(frames: readonly (readonly Write[])[]): boolean {
    const [first, ...others] = frames;
    if (first === undefined) return true;
    return others.length === 0 && frameBytes(first) <= this.#ring.roomBytes;
  }

  #write(writes: readonly Write[], frames: readonly (readonly Write[])[]): void {
    const ring = this.#ring;
    const places = this.#places;
    while (!this.#fit(frames) && ring.freePages <= frames.length) reclaimOldest(ring, places);
    // Only now, as reclaiming moves what it copies.
    const replaced = writes.map(({ id }) => places.at(id));
    const inNewPages = !this.#fit(frames);
    const addresses: number[] = [];
    for (const [i, frame] of frames.entries()) {
      if (inNewPages) ring.takePage();
      const entries = frame.map(({ entry }) => entry);
      let address = ring.append(roleOf(i, frames.length), entries);
      for (const entry of entries) {
        addresses.push(address);
        address += entry.length;
      }
    }
    for (const [i, { id, kind, valueBytes }] of writes.entries()) {
      places.set(id, kind, valueBytes, addresses[i] as number);
    }
    for (const place of replaced) if (place?.kind === 'secret') wipeSecret(ring.flash, place);
  }
}

/** Shares a commit out among frames. Where it needs several, each is to have a page of its own. */
function intoFrames(writes: readonly Write[], ring: Ring): Write[][] {
  const lengths = writes.map(({ entry }) => entry.length);
  const frames: Write[][] = [];
  for (let from = 0; from < writes.length; ) {
    const to = fitting(lengths, from, pageRoomBytes(ring));
    if (to === from) throw new RangeError('a value is larger than a page');
    frames.push(writes.slice(from, to));
    from = to;
  }
  return frames;
}

function frameBytes(writes: readonly Write[]): number {
  return writes.reduce((sum, { entry }) => sum + entry.length, frameOverhead);
}

function roleOf(frame: number, frameCount: number): FrameRole {
  if (frameCount === 1) return 'whole';
  if (frame === 0) return 'first';
  return frame === frameCount - 1 ? 'last' : 'next';
}

function checkGeometry(flash: Flash): void {
  const pages = ringPages(flash);
  if (!(pages >= 3 && pages <= 256))
    throw new RangeError(`a store has 3 to 256 pages, not ${pages}`);
  if (!(flash.pageBytes >= 128 && flash.pageBytes <= largestPageBytes)) {
    throw new RangeError(`a page of the store has 128 to ${largestPageBytes} bytes`);
  }
}
