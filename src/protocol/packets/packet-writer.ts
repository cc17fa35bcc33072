import { type ChannelId, writeChannelId } from './channel-id.ts';
import {
  continuationPacketFields,
  initPacketBit,
  initPacketFields,
  maxContinuations,
} from './layout.ts';

const commandAt = initPacketFields.command.offset;
const lengthAt = initPacketFields.length.offset;
const initDataAt = initPacketFields.data.offset;
const sequenceAt = continuationPacketFields.sequence.offset;
const continuationDataAt = continuationPacketFields.data.offset;

/** What the length field can say. */
const maxLength = 0xffff;

/** Largest payload, in bytes, of one message in packets of this size: 7,609 at 64, 65,401 at 512. */
export function largestMessage(packetBytes: number): number {
  const bytes = packetBytes - initDataAt + maxContinuations * (packetBytes - continuationDataAt);
  return Math.min(bytes, maxLength);
}

/** Packets that a payload of this length takes; 1 for an empty one. */
export function packetCount(payloadBytes: number, packetBytes: number): number {
  const beyondFirst = payloadBytes - (packetBytes - initDataAt);
  if (beyondFirst <= 0) return 1;
  return 1 + Math.ceil(beyondFirst / (packetBytes - continuationDataAt));
}

/**
 * Splits a message into packets: packet `i` begins at `offset + i * stride` of `out`. Padding, and
 * the gaps between packets, become zeros, so nothing of an earlier message stays in them.
 *
 * @param command - a command code, without the init packet's top bit
 * @returns how many packets were written
 * @throws RangeError if the payload exceeds the largest message, or the packets exceed `out`
 */
export function writePackets(
  out: Uint8Array,
  offset: number,
  stride: number,
  packetBytes: number,
  channel: ChannelId,
  command: number,
  payload: Uint8Array,
): number {
  const length = payload.length;
  if (length > largestMessage(packetBytes)) throw new RangeError(`payload of ${length} bytes`);
  const count = packetCount(length, packetBytes);
  if (stride < packetBytes || offset + (count - 1) * stride + packetBytes > out.length) {
    throw new RangeError(`no room for ${count} packets at ${offset} of ${out.length} bytes`);
  }

  // One copy of the whole payload; then each packet's share moves within `out` to its place, from
  // the last packet to the first so that none overwrites what is still to move. That is twice as
  // fast as a copy per packet, which needs a view on the payload each time.
  out.set(payload, offset + initDataAt);
  let unplaced = offset + initDataAt + length;
  let packetEnd = offset + (count - 1) * stride + packetBytes;
  for (let sequence = count - 2; sequence >= 0; sequence--) {
    const packet = packetEnd - packetBytes;
    const share = offset + packetBytes + sequence * (packetBytes - continuationDataAt);
    out.copyWithin(packet + continuationDataAt, share, unplaced);
    const dataEnd = packet + continuationDataAt + (unplaced - share);
    if (dataEnd < packetEnd) out.fill(0, dataEnd, packetEnd);
    writeChannelId(out, packet, channel);
    out[packet + sequenceAt] = sequence;
    packetEnd -= stride;
    for (let gap = packetEnd; gap < packet; gap++) out[gap] = 0;
    unplaced = share;
  }
  if (unplaced < packetEnd) out.fill(0, unplaced, packetEnd);
  writeChannelId(out, offset, channel);
  out[offset + commandAt] = command | initPacketBit;
  out[offset + lengthAt] = length >>> 8;
  out[offset + lengthAt + 1] = length;
  return count;
}
