import { type ChannelId, readChannelId } from './channel-id.ts';
import {
  continuationPacketFields,
  initPacketFields,
  messageLimitMs,
  messageTimeoutMs,
} from './layout.ts';
import { packetCount } from './packet-writer.ts';

const lengthAt = initPacketFields.length.offset;
const initDataAt = initPacketFields.data.offset;
const sequenceAt = continuationPacketFields.sequence.offset;
const continuationDataAt = continuationPacketFields.data.offset;

/** The payload length that an init packet at `offset` announces, in bytes. */
export function announcedLength(bytes: Uint8Array, offset: number): number {
  return ((bytes[offset + lengthAt] as number) << 8) | (bytes[offset + lengthAt + 1] as number);
}

/** Joins the packets of one message at a time, in a buffer that grows to the longest one. */
export class Reassembly {
  #buffer: Uint8Array = new Uint8Array(0);
  #open = false;
  #channel = 0 as ChannelId;
  #command = 0;
  #length = 0;
  #filled = 0;
  #nextSequence = 0;
  #begunMs = 0;
  #lastPacketMs = 0;

  /** Whether a message has begun and is not complete. */
  get open(): boolean {
    return this.#open;
  }

  /** Channel of the message that was begun last. */
  get channel(): ChannelId {
    return this.#channel;
  }

  /** Command code of the message that was begun last. */
  get command(): number {
    return this.#command;
  }

  /** When the open message times out. */
  get deadlineMs(): number | undefined {
    if (!this.#open) return undefined;
    return Math.min(this.#lastPacketMs + messageTimeoutMs, this.#begunMs + messageLimitMs);
  }

  /** Payload of the message just completed: a view, valid until the next `begin`. */
  payload(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }

  /**
   * Begins a message with its init packet at `offset`. The caller has checked that the announced
   * length is allowed.
   *
   * @returns whether the message is complete
   */
  begin(
    bytes: Uint8Array,
    offset: number,
    packetBytes: number,
    channel: ChannelId,
    command: number,
    nowMs: number,
  ): boolean {
    const length = announcedLength(bytes, offset);
    const first = Math.min(length, packetBytes - initDataAt);
    // Room for the packets' headers too, as they are copied along.
    const room = packetCount(length, packetBytes) * packetBytes;
    if (this.#buffer.length < room) this.#buffer = new Uint8Array(room);
    const data = offset + initDataAt;
    this.#buffer.set(bytes.subarray(data, data + first));
    this.#channel = channel;
    this.#command = command;
    this.#length = length;
    this.#filled = first;
    this.#nextSequence = 0;
    this.#begunMs = nowMs;
    this.#lastPacketMs = nowMs;
    this.#open = first < length;
    return !this.#open;
  }

  /**
   * Adds to the open message the continuation packets at `offset`, `offset + stride` and so on that
   * go on with it, `limit` at most.
   *
   * @returns how many were taken; 0 if the first is out of sequence, which drops the message
   */
  append(
    bytes: Uint8Array,
    offset: number,
    stride: number,
    packetBytes: number,
    limit: number,
    nowMs: number,
  ): number {
    const start = this.#filled;
    const share = packetBytes - continuationDataAt;
    const taken = this.#countNext(bytes, offset, stride, share, limit);
    if (taken === 0) {
      this.#open = false;
      return 0;
    }
    // One copy of them all, headers included; then each share moves to where the one before ends. A
    // copy per packet, which needs a view each time, takes twice as long.
    const filled = Math.min(start + taken * share, this.#length);
    const data = offset + continuationDataAt;
    const lastShare = filled - start - (taken - 1) * share;
    this.#buffer.set(bytes.subarray(data, data + (taken - 1) * stride + lastShare), start);
    for (let i = 1; i < taken; i++) {
      const from = start + i * stride;
      this.#buffer.copyWithin(start + i * share, from, from + share);
    }
    this.#filled = filled;
    this.#nextSequence += taken;
    this.#lastPacketMs = nowMs;
    this.#open = filled < this.#length;
    return taken;
  }

  /** How many packets go on with the message and can be copied at once. */
  #countNext(
    bytes: Uint8Array,
    offset: number,
    stride: number,
    share: number,
    limit: number,
  ): number {
    const missing = Math.ceil((this.#length - this.#filled) / share);
    const room = 1 + Math.floor((this.#buffer.length - this.#filled - share) / stride);
    const most = Math.min(limit, missing, Math.max(room, 1));
    let taken = 0;
    for (let at = offset; taken < most; at += stride) {
      if (readChannelId(bytes, at) !== this.#channel) break;
      if (bytes[at + sequenceAt] !== this.#nextSequence + taken) break;
      taken++;
    }
    return taken;
  }

  /** Drops the open message, if there is one. */
  drop(): void {
    this.#open = false;
  }
}
