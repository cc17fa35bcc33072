import { broadcastChannel, type ChannelId, readChannelId, writeChannelId } from './channel-id.ts';
import { initAnswerFields, packetProtocolVersion } from './layout.ts';

/**
 * Capability bits of an INIT answer (CTAP 2.1 §11.2.9.1.3). There is none for LOCK: the standard
 * leaves 0x02, which U2F drafts gave to it, undefined, so we leave it clear. CBOR (0x04) is clear
 * because ours is not CTAP's, and NMSG set because we have no U2F messages: so a host stack
 * written for authenticators sends us neither.
 */
export const capabilities = { WINK: 0x01, NMSG: 0x08 } as const;

/** Major, minor, build; one byte each. */
export type DeviceVersion = readonly [number, number, number];

/** What an INIT answer tells beside its nonce. */
export interface InitAnswer {
  readonly channel: ChannelId;
  readonly protocolVersion: number;
  readonly deviceVersion: DeviceVersion;
  readonly capabilities: number;
}

const { nonce, channel, protocolVersion, deviceVersion, capabilities: flags } = initAnswerFields;
const answerBytes = flags.offset + flags.bytes;

/** An INIT answer to the 8-byte nonce at `nonceAt` of `request`. */
export function encodeInitAnswer(
  request: Uint8Array,
  nonceAt: number,
  channelId: ChannelId,
  version: DeviceVersion,
): Uint8Array {
  const out = new Uint8Array(answerBytes);
  out.set(request.subarray(nonceAt, nonceAt + nonce.bytes), nonce.offset);
  writeChannelId(out, channel.offset, channelId);
  out[protocolVersion.offset] = packetProtocolVersion;
  out.set(version, deviceVersion.offset);
  out[flags.offset] = capabilities.WINK | capabilities.NMSG;
  return out;
}

/**
 * Reads the payload of an INIT answer at `at`; the caller has checked its length. Undefined if the
 * channel is one that no device may give: 0 or broadcast (CTAP 2.1 §11.2.3).
 */
export function decodeInitAnswer(bytes: Uint8Array, at: number): InitAnswer | undefined {
  const channelId = readChannelId(bytes, at + channel.offset);
  if (channelId === 0 || channelId === broadcastChannel) return undefined;
  const version = at + deviceVersion.offset;
  return {
    channel: channelId,
    protocolVersion: bytes[at + protocolVersion.offset] as number,
    deviceVersion: [
      bytes[version] as number,
      bytes[version + 1] as number,
      bytes[version + 2] as number,
    ],
    capabilities: bytes[at + flags.offset] as number,
  };
}
