import { crc32 } from './crc32.ts';
import { type Entry, entryBytes, readEntry, secretSpan } from './entry.ts';

// A frame, the unit in which a page is written; numbers are big-endian:
//   mark (1) · role and length of the entries (2) · entries · CRC-32 (4)
//
// All but the mark is programmed first. The mark commits the frame: erased, it never happened; with
// any bit clear it did, and then everything else must be right. So no bytes that a power cut left
// half programmed pass for a commit, whatever bits they are and whatever was to be stored.
//
// The checksum also covers the page's sequence number and the frame's place, so that a frame counts
// nowhere else. It leaves out the secrets, which are zeroed later and have checksums of their own.

/**
 * A `whole` frame is a commit of its own. A commit of several is `first`, any number of `next`, and
 * `last`, which makes it count. A `reclaim` is whole, and says that all that counts in the oldest
 * page has been copied: that page is out of use.
 */
export type FrameRole = 'whole' | 'first' | 'next' | 'last' | 'reclaim';

const roles: readonly (FrameRole | undefined)[] = [
  undefined,
  'whole',
  'first',
  'next',
  'last',
  'reclaim',
];
const lengthBits = 13;
const headBytes = 3;
const checkBytes = 4;

/** Bytes of a frame besides its entries. */
export const frameOverhead = headBytes + checkBytes;

/** Where the first entry of a frame lies in it. */
export const firstEntryAt = headBytes;

/** The largest page whose frames have room for their length. */
export const largestPageBytes = 1 << lengthBits;

/** A mark that commits a frame. */
export const committed: Uint8Array = Uint8Array.of(0);

/** A committed frame as it lies in a page. */
export interface Frame {
  /** Where in the page it begins, and where it ends. */
  readonly at: number;
  readonly endAt: number;
  readonly role: FrameRole;
  readonly entries: readonly Entry[];
}

/** The bytes of a frame, its mark still erased. */
export function encodeFrame(
  role: FrameRole,
  entries: readonly Uint8Array[],
  sequence: number,
  at: number,
): Uint8Array {
  let length = 0;
  for (const entry of entries) length += entry.length;
  const frame = new Uint8Array(frameOverhead + length);
  const view = new DataView(frame.buffer);
  frame[0] = 0xff;
  view.setUint16(1, (roles.indexOf(role) << lengthBits) | length);
  let filled = headBytes;
  for (const entry of entries) {
    frame.set(entry, filled);
    filled += entry.length;
  }
  const read = readEntries(view, headBytes, filled) as readonly Entry[];
  view.setUint32(filled, checksum(frame, 0, filled, read, placeOf(sequence, at)));
  return frame;
}

/** Reads the frame at `at` of a page, without its mark; undefined where it is not right. */
export function readFrame(page: Uint8Array, at: number, sequence: number): Frame | undefined {
  if (at + frameOverhead > page.length) return undefined;
  const view = new DataView(page.buffer, page.byteOffset);
  const control = view.getUint16(at + 1);
  const role = roles[control >> lengthBits];
  const entriesEndAt = at + headBytes + (control & (largestPageBytes - 1));
  const endAt = entriesEndAt + checkBytes;
  if (role === undefined || endAt > page.length) return undefined;
  const entries = readEntries(view, at + headBytes, entriesEndAt);
  if (entries === undefined) return undefined;
  const check = checksum(page, at, entriesEndAt, entries, placeOf(sequence, at));
  if (check !== view.getUint32(entriesEndAt)) return undefined;
  return { at, endAt, role, entries };
}

function readEntries(view: DataView, from: number, end: number): Entry[] | undefined {
  const entries: Entry[] = [];
  for (let at = from; at < end; ) {
    const entry = readEntry(view, at, end);
    if (entry === undefined) return undefined;
    entries.push(entry);
    at += entryBytes(entry.kind, entry.valueBytes);
  }
  return entries;
}

/** Checksum of a frame's bytes from behind the mark to the end of the entries. */
function checksum(
  bytes: Uint8Array,
  at: number,
  end: number,
  entries: readonly Entry[],
  place: number,
): number {
  let crc = place;
  let from = at + 1;
  for (const entry of entries) {
    if (entry.kind !== 'secret') continue;
    const secret = secretSpan(entry);
    crc = crc32(bytes, from, secret.from, crc);
    from = secret.to;
  }
  return crc32(bytes, from, end, crc);
}

/** What the checksum of a frame at this place goes on from. */
function placeOf(sequence: number, at: number): number {
  return ((sequence << lengthBits) | at) >>> 0;
}
