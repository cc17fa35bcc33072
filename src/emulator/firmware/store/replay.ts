import type { Outcome } from '../../../errors.ts';
import type { Flash } from '../../board/flash.ts';
import { type Entry, isWiped } from './entry.ts';
import type { Frame } from './frame.ts';
import { invalid } from './invalid.ts';
import { type PageContent, readPage } from './page.ts';
import { readHeader } from './page-header.ts';
import { mostChanges, mostKeys, Places } from './places.ts';
import { pageImage, pageOf } from './ring.ts';

/** What all commits together have come to. */
export interface Replayed {
  readonly places: Places;
  /** Secrets that have not been wiped, those that count among them. */
  readonly unwipedSecrets: number;
  readonly newestPage: PageContent;
}

/** Goes through all that was ever committed to the pages from `oldest` to `newest`. */
export function replay(
  flash: Flash,
  oldest: number,
  newest: number,
): Outcome<Replayed, 'FLASH_INVALID'> {
  const commits = new Commits();
  let unwipedSecrets = 0;
  let oldestThen: number | undefined;
  let content: PageContent | undefined;
  for (let sequence = oldest; sequence <= newest; sequence++) {
    const { address, bytes } = pageImage(flash, sequence);
    const page = pageOf(flash, sequence);
    const header = readHeader(bytes);
    if (header?.sequence !== sequence) return invalid(`page ${page} is missing`);
    oldestThen ??= header.oldest;
    if (header.oldest !== oldestThen) return invalid('its pages are in disorder');
    content = readPage(bytes, sequence);
    const isUnfinished = content?.tail === 'torn' || content?.lastMark === 'torn';
    if (content === undefined || (isUnfinished && sequence !== newest)) {
      return invalid(`page ${page} is damaged`);
    }
    for (const frame of content.frames) {
      if (!commits.add(frame, address)) return invalid(`page ${page} is damaged`);
      if (frame.role === 'reclaim') oldestThen++;
      for (const entry of frame.entries) {
        if (entry.kind === 'secret' && !isWiped(bytes, entry)) unwipedSecrets++;
      }
    }
  }
  const newestPage = content as PageContent;
  return { ok: true, value: { places: commits.places, unwipedSecrets, newestPage } };
}

/** An entry of a commit, and where it lies in flash. */
interface Placed {
  readonly entry: Entry;
  readonly address: number;
}

/** Follows the commits, frame by frame. */
class Commits {
  readonly places = new Places();
  /**
   * The commit of several frames that has not had its last. One that began before the oldest page
   * may end in it. One that never ends was cut, and does not count.
   */
  #open: Placed[] | undefined = [];

  /** Whether the frame can come next. */
  add({ role, entries }: Frame, pageAddress: number): boolean {
    const placed = entries.map((entry) => ({ entry, address: pageAddress + entry.at }));
    if (role === 'next' || role === 'last') {
      if (this.#open === undefined) return false;
      this.#open.push(...placed);
    } else {
      this.#open = placed;
    }
    // More than a store takes, so that none has written it.
    if (this.#open.length > mostChanges) return false;
    if (role === 'first' || role === 'next') return true;
    for (const { entry, address } of this.#open) {
      this.places.set(entry.id, entry.kind, entry.valueBytes, address);
    }
    this.#open = undefined;
    return this.places.size <= mostKeys;
  }
}
