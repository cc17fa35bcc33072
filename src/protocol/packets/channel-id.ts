declare const channelIdBrand: unique symbol;

/** A channel of the packet layer: 32 bits, never 0. */
export type ChannelId = number & { readonly [channelIdBrand]: true };

/** Where INIT asks for a channel and gets its answer (CTAP 2.1 §11.2.3). */
export const broadcastChannel = 0xffffffff as ChannelId;

/** The 4 bytes at `offset`, big-endian. */
export function readChannelId(bytes: Uint8Array, offset: number): ChannelId {
  const id =
    ((bytes[offset] as number) << 24) |
    ((bytes[offset + 1] as number) << 16) |
    ((bytes[offset + 2] as number) << 8) |
    (bytes[offset + 3] as number);
  return (id >>> 0) as ChannelId;
}

/** Writes 4 bytes at `offset`, big-endian. */
export function writeChannelId(bytes: Uint8Array, offset: number, channel: ChannelId): void {
  bytes[offset] = channel >>> 24;
  bytes[offset + 1] = channel >>> 16;
  bytes[offset + 2] = channel >>> 8;
  bytes[offset + 3] = channel;
}
