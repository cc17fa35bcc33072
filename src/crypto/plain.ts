/** A view without Buffer's methods, whose `slice` shares memory where a Uint8Array's copies. */
export function plain(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length);
}
