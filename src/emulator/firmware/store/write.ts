import { type EntryKind, encodeCount, encodeEntry } from './entry.ts';
import { type Change, mostCount, type StoreKey } from './store-key.ts';

/** A change as it goes to flash. */
export interface Write {
  readonly id: number;
  readonly kind: EntryKind;
  readonly valueBytes: number;
  /** All of its bytes. */
  readonly entry: Uint8Array;
}

/**
 * What a change writes.
 *
 * @param stored - the value of a counter as it is
 * @throws RangeError where the key cannot take it
 */
export function encodeChange(change: Change, stored: number): Write {
  const { key } = change;
  if (!(Number.isInteger(key.id) && key.id >= 0 && key.id <= 0xffff)) {
    throw new RangeError(`the key ${key.name} has no id of 16 bits`);
  }
  if ('remove' in change) return write(key.id, 'removed', new Uint8Array(0));
  if ('count' in change) {
    checkCount(key, change.count, stored);
    return write(key.id, 'counter', encodeCount(change.count));
  }
  if (key.kind === 'counter') throw new RangeError(`${key.name} is a counter and takes no value`);
  if (change.value.length > key.maxBytes) {
    throw new RangeError(`${key.name} takes ${key.maxBytes} bytes, not ${change.value.length}`);
  }
  return write(key.id, key.kind, change.value);
}

function checkCount(key: StoreKey, count: number, stored: number): void {
  if (key.kind !== 'counter') throw new RangeError(`${key.name} is not a counter`);
  if (!(Number.isInteger(count) && count >= 0 && count <= mostCount)) {
    throw new RangeError(`${key.name} counts to 2^48 - 1, not ${count}`);
  }
  if (count < stored) throw new RangeError(`${key.name} goes back from ${stored} to ${count}`);
}

function write(id: number, kind: EntryKind, value: Uint8Array): Write {
  return { id, kind, valueBytes: value.length, entry: encodeEntry(id, kind, value) };
}
