import { type Frame, readFrame } from './frame.ts';
import { headerBytes } from './page-header.ts';

/** What lies in a page in use, behind its header. */
export interface PageContent {
  /** All that have been committed. */
  readonly frames: readonly Frame[];
  /** Where the last one ends. */
  readonly endAt: number;
  /**
   * What comes then: erased cells; zeros, since a power cut left half a frame there; or what such a
   * cut has just left.
   */
  readonly tail: 'erased' | 'closed' | 'torn';
  /** The last mark: `torn` when a power cut left only some of its bits clear. */
  readonly lastMark: 'whole' | 'torn';
}

/** Reads a page; undefined where it is damaged. */
export function readPage(page: Uint8Array, sequence: number): PageContent | undefined {
  const frames: Frame[] = [];
  let endAt = headerBytes;
  let lastMark: PageContent['lastMark'] = 'whole';
  for (;;) {
    if (isFilled(page, endAt, 0xff)) return { frames, endAt, tail: 'erased', lastMark };
    // The mark of the last frame is whole before anything is written behind it.
    if (lastMark === 'torn') return undefined;
    const mark = page[endAt] as number;
    if (mark === 0xff) return { frames, endAt, tail: 'torn', lastMark };
    if (isFilled(page, endAt + 1, 0)) {
      return { frames, endAt, tail: mark === 0 ? 'closed' : 'torn', lastMark };
    }
    const frame = readFrame(page, endAt, sequence);
    if (frame === undefined) return undefined;
    frames.push(frame);
    if (mark !== 0) lastMark = 'torn';
    endAt = frame.endAt;
  }
}

/** Whether all bytes from `from` on have this value. */
export function isFilled(bytes: Uint8Array, from: number, value: number): boolean {
  for (let i = from; i < bytes.length; i++) if (bytes[i] !== value) return false;
  return true;
}
