import { crc32 } from './crc32.ts';
import type { StoreKey } from './store-key.ts';

// An entry of a frame; numbers are big-endian:
//   id (2) · kind and length of the value (2) · value · of a secret: CRC-32 of the value (4)

/** What an entry says of its key; `removed` has no value. */
export type EntryKind = StoreKey['kind'] | 'removed';

const kinds: readonly EntryKind[] = ['value', 'secret', 'counter', 'removed'];
const lengthBits = 14;
const headBytes = 4;
const checkBytes = 4;
const counterBytes = 6;

/** An entry as it lies in bytes read from flash. */
export interface Entry {
  /** Where in those bytes it begins. */
  readonly at: number;
  readonly id: number;
  readonly kind: EntryKind;
  readonly valueBytes: number;
}

/** How many bytes an entry takes. */
export function entryBytes(kind: EntryKind, valueBytes: number): number {
  return headBytes + valueBytes + (kind === 'secret' ? checkBytes : 0);
}

export function encodeEntry(id: number, kind: EntryKind, value: Uint8Array): Uint8Array {
  const entry = new Uint8Array(entryBytes(kind, value.length));
  const view = new DataView(entry.buffer);
  view.setUint16(0, id);
  view.setUint16(2, (kinds.indexOf(kind) << lengthBits) | value.length);
  entry.set(value, headBytes);
  if (kind === 'secret') view.setUint32(headBytes + value.length, crc32(value));
  return entry;
}

/** Reads the entry at `at`, which must end by `end`; undefined where there is none. */
export function readEntry(view: DataView, at: number, end: number): Entry | undefined {
  if (at + headBytes > end) return undefined;
  const kind = kinds[view.getUint8(at + 2) >> (lengthBits - 8)] as EntryKind;
  const valueBytes = view.getUint16(at + 2) & ((1 << lengthBits) - 1);
  if (kind === 'counter' && valueBytes !== counterBytes) return undefined;
  if (kind === 'removed' && valueBytes !== 0) return undefined;
  if (at + entryBytes(kind, valueBytes) > end) return undefined;
  return { at, id: view.getUint16(at), kind, valueBytes };
}

/** Where the value lies of the entry at `at`. */
export function entryValueAt(at: number): number {
  return at + headBytes;
}

/**
 * Where a secret's own bytes lie, value and checksum: they are zeroed when it is wiped, so that no
 * other checksum may cover them.
 */
export function secretSpan({ at, valueBytes }: Pick<Entry, 'at' | 'valueBytes'>): {
  from: number;
  to: number;
} {
  const from = at + headBytes;
  return { from, to: from + valueBytes + checkBytes };
}

/** Whether a secret has been zeroed. */
export function isWiped(bytes: Uint8Array, secret: Pick<Entry, 'at' | 'valueBytes'>): boolean {
  const { from, to } = secretSpan(secret);
  for (let i = from; i < to; i++) if (bytes[i] !== 0) return false;
  return true;
}

/** Whether a secret is as it was written. An empty one may be wiped and whole. */
export function isWhole(
  bytes: Uint8Array,
  { at, valueBytes }: Pick<Entry, 'at' | 'valueBytes'>,
): boolean {
  const valueAt = at + headBytes;
  const check = new DataView(bytes.buffer, bytes.byteOffset).getUint32(valueAt + valueBytes);
  return crc32(bytes, valueAt, valueAt + valueBytes) === check;
}

/** The value of a counter, as its entry holds it. */
export function encodeCount(count: number): Uint8Array {
  const value = new Uint8Array(counterBytes);
  const view = new DataView(value.buffer);
  view.setUint16(0, Math.floor(count / 2 ** 32));
  view.setUint32(2, count % 2 ** 32);
  return value;
}

export function decodeCount(value: Uint8Array): number {
  const view = new DataView(value.buffer, value.byteOffset);
  return view.getUint16(0) * 2 ** 32 + view.getUint32(2);
}
