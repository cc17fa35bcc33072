import { type FlashGeometry, MemoryFlash } from '../../src/emulator/board/flash.ts';
import { crc32 } from '../../src/emulator/firmware/store/crc32.ts';
import { type EntryKind, encodeEntry } from '../../src/emulator/firmware/store/entry.ts';
import { encodeFrame, type FrameRole } from '../../src/emulator/firmware/store/frame.ts';
import { encodeHeader, headerBytes } from '../../src/emulator/firmware/store/page-header.ts';
import { pageOf } from '../../src/emulator/firmware/store/ring.ts';
import type { Random } from '../support/seed.ts';

const roles: readonly FrameRole[] = ['whole', 'whole', 'whole', 'reclaim', 'first', 'next', 'last'];
const kinds: readonly EntryKind[] = ['value', 'value', 'secret', 'counter', 'removed'];

/**
 * An image that somebody has made up who knows the format: checksums are right, and most of the rest
 * may be, but no store has written it.
 */
export function forgedImage(geometry: FlashGeometry, random: Random): Uint8Array {
  const flash = new MemoryFlash(geometry);
  const ringPages = geometry.pageCount - 1;
  const oldest = random.pick([
    0,
    random.below(50),
    random.below(2 ** 31),
    2 ** 31 - 2,
    2 ** 32 - 5,
  ]);
  const usedPages = random.below(ringPages + 2);
  let oldestThen = oldest - random.below(2);
  for (let i = 0; i < usedPages; i++) {
    const sequence = (oldest + i) % 2 ** 32;
    const page = new Uint8Array(geometry.pageBytes).fill(0xff);
    page.set(encodeHeader({ sequence, oldest: oldestThen }));
    let at = headerBytes;
    for (let frames = random.below(8); frames > 0; frames--) {
      const role = random.pick(roles);
      const entries = Array.from({ length: random.below(4) }, () => forgedEntry(random));
      const frame = forgedFrame(role, entries, sequence, at, random);
      if (at + frame.length > page.length) break;
      if (random.below(12) > 0) frame[0] = random.below(12) === 0 ? random.below(256) : 0;
      page.set(frame, at);
      at += frame.length;
      if (role === 'reclaim') oldestThen += random.below(10) === 0 ? 0 : 1;
    }
    if (random.below(6) === 0) page.fill(0, at);
    if (random.below(6) === 0) page.set(random.bytes(random.below(page.length - at + 1)), at);
    const place = pageOf(flash, sequence);
    flash.erase(place);
    flash.program(place * geometry.pageBytes, page);
  }
  return flash.read(0, geometry.pageBytes * geometry.pageCount);
}

function forgedEntry(random: Random): Uint8Array {
  const kind = random.pick(kinds);
  const valueBytes = kind === 'counter' ? 6 : kind === 'removed' ? 0 : random.below(40);
  const value = random.below(8) === 0 ? new Uint8Array(valueBytes) : random.bytes(valueBytes);
  const entry = encodeEntry(random.below(6), kind, value);
  // A secret that is damaged, or wiped.
  if (kind === 'secret' && random.below(3) === 0) entry.fill(random.pick([0, 1]), 4);
  return entry;
}

/** A frame with the right checksum; now and then what it says of its role and entries is not. */
function forgedFrame(
  role: FrameRole,
  entries: readonly Uint8Array[],
  sequence: number,
  at: number,
  random: Random,
): Uint8Array {
  const frame = encodeFrame(role, entries, sequence, at);
  if (random.below(12) > 0) return frame;
  for (let i = random.below(3); i >= 0; i--)
    frame[1 + random.below(frame.length - 5)] = random.below(256);
  const end = frame.length - 4;
  new DataView(frame.buffer).setUint32(end, crc32(frame, 1, end, ((sequence << 13) | at) >>> 0));
  return frame;
}
