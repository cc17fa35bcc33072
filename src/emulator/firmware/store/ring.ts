import type { Flash } from '../../board/flash.ts';
import { committed, encodeFrame, type FrameRole, firstEntryAt } from './frame.ts';
import { encodeHeader, headerBytes } from './page-header.ts';

/** Where a ring of pages stands. */
export interface RingPosition {
  /** Sequence numbers of the oldest and the newest page in use; all between are in use too. */
  readonly oldest: number;
  readonly newest: number;
  /** Where in the newest page the next frame goes. */
  readonly endAt: number;
}

/** How many pages of the flash are the store's: all but the first, the manufacture block. */
export function ringPages(flash: Flash): number {
  return flash.pageCount - 1;
}

/** The page of the flash that has a sequence number. Pages are taken in a ring, which wears them
 * all alike. */
export function pageOf(flash: Flash, sequence: number): number {
  return 1 + (sequence % ringPages(flash));
}

/** A page as it lies in flash. */
export interface PageImage {
  /** Of its first byte. */
  readonly address: number;
  readonly bytes: Uint8Array;
}

/** Reads the page that has a sequence number. */
export function pageImage(flash: Flash, sequence: number): PageImage {
  const address = pageOf(flash, sequence) * flash.pageBytes;
  return { address, bytes: flash.read(address, flash.pageBytes) };
}

/** The pages as a ring: frames are written to the newest, and the oldest is erased. */
export class Ring {
  readonly flash: Flash;
  #oldest: number;
  #newest: number;
  #endAt: number;

  constructor(flash: Flash, { oldest, newest, endAt }: RingPosition) {
    this.flash = flash;
    this.#oldest = oldest;
    this.#newest = newest;
    this.#endAt = endAt;
  }

  get oldest(): number {
    return this.#oldest;
  }

  get newest(): number {
    return this.#newest;
  }

  /** How many pages are erased. */
  get freePages(): number {
    return ringPages(this.flash) - (this.#newest - this.#oldest + 1);
  }

  /** Bytes left in the newest page. */
  get roomBytes(): number {
    return this.flash.pageBytes - this.#endAt;
  }

  /** Takes the next erased page into use. */
  takePage(): void {
    const sequence = this.#newest + 1;
    const header = encodeHeader({ sequence, oldest: this.#oldest });
    this.flash.program(pageOf(this.flash, sequence) * this.flash.pageBytes, header);
    this.#newest = sequence;
    this.#endAt = headerBytes;
  }

  /** Commits a frame to the newest page, which must have room; gives the address of its first entry. */
  append(role: FrameRole, entries: readonly Uint8Array[]): number {
    const frame = encodeFrame(role, entries, this.#newest, this.#endAt);
    const address = pageOf(this.flash, this.#newest) * this.flash.pageBytes + this.#endAt;
    this.flash.program(address + 1, frame.subarray(1));
    this.flash.program(address, committed);
    this.#endAt += frame.length;
    return address + firstEntryAt;
  }

  /** Erases the oldest page, which a `reclaim` has put out of use. */
  eraseOldest(): void {
    this.flash.erase(pageOf(this.flash, this.#oldest));
    this.#oldest++;
  }
}
