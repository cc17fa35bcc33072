import type { Outcome } from '../../../errors.ts';
import type { Flash } from '../../board/flash.ts';
import { findPages } from './find-pages.ts';
import { committed, type Frame } from './frame.ts';
import { invalid } from './invalid.ts';
import type { Places } from './places.ts';
import { replay } from './replay.ts';
import { pageOf, Ring } from './ring.ts';
import { checkSecrets, wipeSecrets } from './secrets.ts';

/** A store as it is found in flash. */
export interface Recovered {
  readonly ring: Ring;
  readonly places: Places;
}

/**
 * Finds out what a flash holds, and finishes what a power cut has interrupted. Nothing is written
 * before everything has been checked, and nothing at all where nothing was interrupted. Each write
 * may be cut in its turn: the next boot finds it to be done still, or done.
 */
export function recover(flash: Flash): Outcome<Recovered, 'FLASH_INVALID'> {
  const found = findPages(flash);
  if (!found.ok) return found;
  const { oldest, newest, unclean } = found.value;
  const replayed = replay(flash, oldest, newest);
  if (!replayed.ok) return replayed;
  const { places, unwipedSecrets, newestPage } = replayed.value;
  const secrets = checkSecrets(flash, places);
  if (secrets.damagedAt !== undefined) {
    return invalid(`page ${Math.floor(secrets.damagedAt / flash.pageBytes)} is damaged`);
  }

  const address = pageOf(flash, newest) * flash.pageBytes;
  const { frames, endAt, tail, lastMark } = newestPage;
  // A mark with some bits clear has committed its frame. It comes first: all else follows from what
  // has been committed.
  if (lastMark === 'torn') flash.program(address + (frames.at(-1) as Frame).at, committed);
  for (const page of unclean) flash.erase(page);
  if (tail === 'torn') closePage(flash, address + endAt, flash.pageBytes - endAt);
  if (unwipedSecrets > secrets.unwiped) wipeSecrets(flash, oldest, newest, places);
  const nextAt = tail === 'erased' ? endAt : flash.pageBytes;
  return { ok: true, value: { ring: new Ring(flash, { oldest, newest, endAt: nextAt }), places } };
}

/**
 * Zeroes the rest of a page, in which half a frame lies: secrets may be in it. The mark comes last,
 * or it would commit that frame.
 */
function closePage(flash: Flash, address: number, length: number): void {
  flash.program(address + 1, new Uint8Array(length - 1));
  flash.program(address, committed);
}
