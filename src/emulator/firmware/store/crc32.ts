const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb8_8320 : crc >>> 1;
  return crc;
});

/** CRC-32 (ISO 3309, as in Ethernet and zip) of the bytes; `crc` is that of what goes before them. */
export function crc32(bytes: Uint8Array, from = 0, to = bytes.length, crc = 0): number {
  let state = ~crc;
  for (let i = from; i < to; i++) {
    state = (table[(state ^ (bytes[i] as number)) & 0xff] as number) ^ (state >>> 8);
  }
  return ~state >>> 0;
}
