import { crc32 } from './crc32.ts';

// The header of a page in use, programmed when the page is taken; numbers are big-endian:
//   magic "LS" (2) · format (1) · older pages in use at that time (1) · sequence (4) · CRC-32 (4)

const magic = 0x4c53;
const format = 1;

export const headerBytes = 12;

/** Sequence numbers are below this: far more than the life of a flash is good for. */
export const sequenceLimit = 2 ** 31;

export interface PageHeader {
  /** Pages are numbered in the order in which they are taken, from 0. */
  readonly sequence: number;
  /** The sequence number of the oldest page in use. */
  readonly oldest: number;
}

export function encodeHeader({ sequence, oldest }: PageHeader): Uint8Array {
  const header = new Uint8Array(headerBytes);
  const view = new DataView(header.buffer);
  view.setUint16(0, magic);
  view.setUint8(2, format);
  view.setUint8(3, sequence - oldest);
  view.setUint32(4, sequence);
  view.setUint32(8, crc32(header, 0, 8));
  return header;
}

/** Reads the header of a page; undefined where there is none. */
export function readHeader(page: Uint8Array): PageHeader | undefined {
  const view = new DataView(page.buffer, page.byteOffset, headerBytes);
  if (view.getUint16(0) !== magic || view.getUint8(2) !== format) return undefined;
  if (view.getUint32(8) !== crc32(page, 0, 8)) return undefined;
  const sequence = view.getUint32(4);
  if (sequence >= sequenceLimit) return undefined;
  return { sequence, oldest: sequence - view.getUint8(3) };
}
