import { frameOverhead } from './frame.ts';
import { headerBytes, sequenceLimit } from './page-header.ts';
import { mostKeys, type Places } from './places.ts';
import { type Ring, ringPages } from './ring.ts';
import type { Write } from './write.ts';

/** How many of the entries, from `from` on, fit into one frame of `roomBytes`; gives the index behind
 * the last of them. */
export function fitting(entryBytes: readonly number[], from: number, roomBytes: number): number {
  let filled = frameOverhead;
  let to = from;
  while (to < entryBytes.length) {
    filled += entryBytes[to] as number;
    if (filled > roomBytes) break;
    to++;
  }
  return to;
}

/**
 * Why there is no space for a commit; undefined where there is.
 *
 * What counts may fill less than half of the pages. Then there is always room for all of it once
 * more, so that only what grows can lack space; and a commit never waits for much copying.
 *
 * @param newPages - how many pages the commit is to take
 */
export function lackOfSpace(
  ring: Ring,
  places: Places,
  writes: readonly Write[],
  newPages: number,
): string | undefined {
  const grows = writes.some(
    ({ id, kind, entry }) => kind !== 'removed' && entry.length > places.entryBytes(id),
  );
  if (!grows && newPages === 0) return undefined;

  const pages = ringPages(ring.flash);
  const lengths = places.allEntryBytes();
  const filled = () => pagesFilled([...lengths.values()], pageRoomBytes(ring), pages);
  // No flash gets there; a forged one may have begun there. A commit takes less than two laps.
  if (ring.newest + 2 * pages >= sequenceLimit) return 'the flash is worn out';
  // One page is for the copies of what is reclaimed.
  if (newPages > 0 && filled() + newPages + 1 > pages) return 'too much is changed at once';
  if (!grows) return undefined;
  for (const { id, kind, entry } of writes) {
    if (kind === 'removed') lengths.delete(id);
    else lengths.set(id, entry.length);
  }
  if (lengths.size > mostKeys) return `it keeps ${mostKeys} keys at most`;
  return filled() > Math.floor((pages - 1) / 2) ? 'the flash is full' : undefined;
}

/** Bytes of an empty page that frames can fill. */
export function pageRoomBytes(ring: Ring): number {
  return ring.flash.pageBytes - headerBytes;
}

/**
 * The most pages that entries can fill once every page has been reclaimed, in whatever order they
 * lie: each page but the last is left with less room than the next entry takes in a frame of its
 * own, and each page reclaimed has given two frames at most.
 */
function pagesFilled(
  entryBytes: readonly number[],
  pageRoomBytes: number,
  ringPages: number,
): number {
  const largestFirst = [...entryBytes].sort((a, b) => b - a);
  let totalBytes = 2 * ringPages * frameOverhead;
  for (const bytes of entryBytes) totalBytes += bytes;
  let pages = 1;
  for (let filledBytes = 0; ; pages++) {
    filledBytes += pageRoomBytes - frameOverhead - (largestFirst[pages - 1] ?? 0);
    if (filledBytes >= totalBytes) return pages;
  }
}
