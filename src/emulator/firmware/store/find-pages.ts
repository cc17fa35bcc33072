import type { Outcome } from '../../../errors.ts';
import type { Flash } from '../../board/flash.ts';
import { invalid } from './invalid.ts';
import { isFilled, readPage } from './page.ts';
import { headerBytes, readHeader } from './page-header.ts';
import { pageImage, pageOf, ringPages } from './ring.ts';

/** Which pages are in use, by their sequence numbers. */
export interface FoundPages {
  readonly oldest: number;
  readonly newest: number;
  /** Pages to be erased: a power cut came in between. */
  readonly unclean: readonly number[];
}

/**
 * Tells from headers and `reclaim` frames which pages are in use. All others must be erased, but for
 * what a power cut leaves of the two steps that change this: half a header in the next page to be
 * taken, and anything in the last one to be put out of use.
 */
export function findPages(flash: Flash): Outcome<FoundPages, 'FLASH_INVALID'> {
  const newestSequence = findNewest(flash);
  if (newestSequence === undefined) return invalid('it has no store');
  let found = readNewest(flash, newestSequence);
  if (found?.frameCount === 0 && found.newest - found.oldest + 1 === ringPages(flash)) {
    // The last free page was taken for the copies of what the oldest one holds, and then nothing was
    // committed to it. It is given back, so that there is one again, however often this happens.
    found = readNewest(flash, newestSequence - 1);
  }
  if (found === undefined) return invalid(`page ${pageOf(flash, newestSequence)} is damaged`);
  const { oldest, newest } = found;
  const freePages = ringPages(flash) - (newest - oldest + 1);
  if (oldest < 0 || oldest > newest || freePages < 1) return invalid('its pages are in disorder');

  const unclean: number[] = [];
  for (let i = 1; i <= freePages; i++) {
    const page = pageOf(flash, newest + i);
    const { bytes } = pageImage(flash, newest + i);
    if (isFilled(bytes, 0, 0xff)) continue;
    const wasBeingTaken =
      i === 1 && readHeader(bytes) === undefined && isFilled(bytes, headerBytes, 0xff);
    const wasOldest = i === freePages;
    if (!wasBeingTaken && !wasOldest) return invalid(`page ${page} is not erased`);
    unclean.push(page);
  }
  return { ok: true, value: { oldest, newest, unclean } };
}

/** The highest sequence number of a page that is where it belongs. */
function findNewest(flash: Flash): number | undefined {
  let newest: number | undefined;
  for (let page = 1; page < flash.pageCount; page++) {
    const header = readHeader(flash.read(page * flash.pageBytes, headerBytes));
    if (header === undefined || pageOf(flash, header.sequence) !== page) continue;
    if (newest === undefined || header.sequence > newest) newest = header.sequence;
  }
  return newest;
}

/** Which page is the oldest in use, as far as the newest one tells; undefined where that is damaged. */
function readNewest(flash: Flash, newest: number) {
  const { bytes } = pageImage(flash, newest);
  const header = readHeader(bytes);
  const content = readPage(bytes, newest);
  if (header?.sequence !== newest || content === undefined) return undefined;
  const reclaims = content.frames.filter(({ role }) => role === 'reclaim').length;
  return { newest, oldest: header.oldest + reclaims, frameCount: content.frames.length };
}
