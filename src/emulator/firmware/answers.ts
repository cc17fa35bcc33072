import type { ChannelId, PacketErrorCode } from '../../protocol/packets/index.ts';

/** How the parts of the firmware speak to the host on a channel. */
export interface Answers {
  /** Sends a message; `payload` must not change any more. */
  send(channel: ChannelId, command: number, payload: Uint8Array): void;
  /** Sends a packet error. */
  refuse(channel: ChannelId, code: PacketErrorCode): void;
  /** Tells a waiting host that its request is still being executed. */
  keepAlive(channel: ChannelId): void;
}
