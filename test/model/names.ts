// The core compares bytes; the model counts. Each id has one array of bytes.

const known: Uint8Array[] = [];

/** The bytes that stand for an id, 0 to 65,535. */
export function bytesOf(id: number): Uint8Array {
  let bytes = known[id];
  if (bytes === undefined) {
    bytes = Uint8Array.of(id >> 8, id);
    known[id] = bytes;
  }
  return bytes;
}

/** The id that bytes stand for. */
export function idOf(bytes: Uint8Array): number {
  return ((bytes[0] as number) << 8) | (bytes[1] as number);
}
