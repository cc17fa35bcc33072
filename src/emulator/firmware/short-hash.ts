import { suite } from '#crypto';

/** Bytes of a short hash. */
export const shortHashBytes = 16;

/** What the dongle keeps of a key or a ticket: the beginning of its SHA-256. */
export function shortHash(data: Uint8Array): Uint8Array {
  return suite.sha256(data).slice(0, shortHashBytes);
}
