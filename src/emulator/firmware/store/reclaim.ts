import { fitting } from './capacity.ts';
import { type Entry, entryBytes } from './entry.ts';
import { frameOverhead } from './frame.ts';
import { readPage } from './page.ts';
import type { Places } from './places.ts';
import { pageImage, type Ring } from './ring.ts';

/**
 * Copies what counts in the oldest page to the newest, and erases the oldest. This takes one free
 * page at most, as all that came from one page fits into one; and it gives one back. A tombstone is
 * never copied: whatever it removed was older, so it is gone.
 */
export function reclaimOldest(ring: Ring, places: Places): void {
  const { address, bytes } = pageImage(ring.flash, ring.oldest);
  const entries: Entry[] = [];
  for (const frame of readPage(bytes, ring.oldest)?.frames ?? []) {
    entries.push(...frame.entries.filter(({ id, at }) => places.isAt(id, address + at)));
  }
  const lengths = entries.map(({ kind, valueBytes }) => entryBytes(kind, valueBytes));
  for (let from = 0; ; ) {
    const to = fitting(lengths, from, ring.roomBytes);
    const isLast = to === entries.length && ring.roomBytes >= frameOverhead;
    if (to === from && !isLast) {
      ring.takePage();
      continue;
    }
    const batch = entries.slice(from, to);
    let copyAddress = ring.append(
      isLast ? 'reclaim' : 'whole',
      batch.map(({ at }, i) => bytes.subarray(at, at + (lengths[from + i] as number))),
    );
    for (const { id, kind, valueBytes } of batch) {
      places.set(id, kind, valueBytes, copyAddress);
      copyAddress += entryBytes(kind, valueBytes);
    }
    if (isLast) break;
    from = to;
  }
  ring.eraseOldest();
}
