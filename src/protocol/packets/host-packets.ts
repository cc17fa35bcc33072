import { equalBytes, noBytes } from '../../bytes.ts';
import type { PacketBatch } from '../../link.ts';
import { broadcastChannel, type ChannelId, readChannelId } from './channel-id.ts';
import { answerLengths, packetCommands } from './commands.ts';
import { decodeInitAnswer, type InitAnswer } from './init-answer.ts';
import {
  initAnswerFields,
  initPacketBit,
  initPacketFields,
  initRequestFields,
  minPacketBytes,
} from './layout.ts';
import { type PacketErrorCode, packetErrorCode } from './packet-errors.ts';
import { largestMessage, packetCount, writePackets } from './packet-writer.ts';
import { announcedLength, Reassembly } from './reassembly.ts';

/** What packets from a device, or the passing of time, mean to a host. */
export type HostEvent =
  /** A whole answer. `payload` is a view, valid until the next `receive`. */
  | { readonly kind: 'message'; readonly command: number; readonly payload: Uint8Array }
  /** INIT was answered: `channel` is ours, or (`resync`) was and is in step again. */
  | ({ readonly kind: 'ready'; readonly resync: boolean } & InitAnswer)
  | { readonly kind: 'error'; readonly code: PacketErrorCode; readonly byte: number }
  | { readonly kind: 'keepalive'; readonly status: number }
  /** A message begins on a channel that is not ours: somebody else talks to the device. */
  | { readonly kind: 'foreign'; readonly channel: ChannelId }
  /** The device broke the protocol; what it was sending is dropped. */
  | { readonly kind: 'invalid'; readonly code: PacketErrorCode; readonly detail: string };

export interface HostPacketsOptions {
  readonly packetBytes: number;
  /** Bytes to leave free in front of each packet. */
  readonly headroomBytes: number;
  /** The longest message sent or taken, in bytes; as long as the packets allow by default. */
  readonly maxMessageBytes?: number;
}

const commandAt = initPacketFields.command.offset;
const dataAt = initPacketFields.data.offset;
const nonceBytes = initRequestFields.nonce.bytes;
const { INIT, CANCEL, ERROR, KEEPALIVE } = packetCommands;

/** The host's end of the packet layer, for one channel of one link. */
export class HostPackets {
  readonly #packetBytes: number;
  readonly #headroomBytes: number;
  readonly #maxMessageBytes: number;
  readonly #stride: number;
  /**
   * Three buffers: INIT and CANCEL may be sent while a request is still on its way. That of requests
   * grows to the longest one; that of CANCEL is made for the first.
   */
  #requestBuffer: Uint8Array;
  readonly #initBuffer: Uint8Array;
  #cancelBuffer: Uint8Array | undefined;
  readonly #assembly = new Reassembly();
  #channel: ChannelId | undefined;
  #nonce: Uint8Array | undefined;
  #initPending = false;

  /** @throws RangeError if the sizes are impossible */
  constructor(options: HostPacketsOptions) {
    const { packetBytes, headroomBytes } = options;
    if (packetBytes < minPacketBytes) throw new RangeError(`packets of ${packetBytes} bytes`);
    const maxMessageBytes = options.maxMessageBytes ?? largestMessage(packetBytes);
    if (maxMessageBytes > largestMessage(packetBytes)) {
      throw new RangeError(`messages of ${maxMessageBytes} bytes in packets of ${packetBytes}`);
    }
    this.#packetBytes = packetBytes;
    this.#headroomBytes = headroomBytes;
    this.#maxMessageBytes = maxMessageBytes;
    const stride = headroomBytes + packetBytes;
    this.#stride = stride;
    this.#requestBuffer = new Uint8Array(stride);
    this.#initBuffer = new Uint8Array(stride);
  }

  /** Our channel, once the device has given one. */
  get channel(): ChannelId | undefined {
    return this.#channel;
  }

  /**
   * INIT with an 8-byte random nonce: asks for a channel, or resynchronises ours if there is one.
   * Ask again with the same nonce, so that a late answer to the first is known as ours.
   */
  init(nonce: Uint8Array): PacketBatch {
    if (nonce.length !== nonceBytes) throw new RangeError(`nonce of ${nonce.length} bytes`);
    this.#nonce = nonce.slice();
    this.#initPending = true;
    const channel = this.#channel ?? broadcastChannel;
    return this.#write(this.#initBuffer, channel, INIT.code, nonce);
  }

  /**
   * A request's packets, in a buffer that the next `request` uses again.
   *
   * @param command - a command code, without the init packet's top bit
   * @throws RangeError if the payload is too long, or no channel has been given yet
   */
  request(command: number, payload: Uint8Array): PacketBatch {
    if (payload.length > this.#maxMessageBytes) {
      throw new RangeError(`payload of ${payload.length} bytes`);
    }
    const room = packetCount(payload.length, this.#packetBytes) * this.#stride;
    if (this.#requestBuffer.length < room) this.#requestBuffer = new Uint8Array(room);
    return this.#write(this.#requestBuffer, this.#ownChannel(), command, payload);
  }

  /** CANCEL, in a buffer of its own: it may be sent while a request is still on its way. */
  cancel(): PacketBatch {
    this.#cancelBuffer ??= new Uint8Array(this.#stride);
    return this.#write(this.#cancelBuffer, this.#ownChannel(), CANCEL.code, noBytes);
  }

  /** Takes packets from the device and calls `handle` with what they mean, in order. */
  receive(batch: PacketBatch, nowMs: number, handle: (event: HostEvent) => void): void {
    const { buffer, offset, stride, count } = batch;
    if (batch.packetBytes !== this.#packetBytes) {
      handle(invalid('INVALID_LENGTH', `packets of ${batch.packetBytes} bytes`));
      return;
    }
    for (let i = 0; i < count; ) {
      const at = offset + i * stride;
      const more = this.#continuations(buffer, at, stride, count - i, nowMs, handle);
      if (more === 0) this.#packet(buffer, at, nowMs, handle);
      i += more || 1;
    }
  }

  /** When `tick` is due: an answer has then paused for too long. */
  get nextDeadlineMs(): number | undefined {
    return this.#assembly.deadlineMs;
  }

  /** Lets time pass: an answer cut short is dropped and reported. */
  tick(nowMs: number): HostEvent | undefined {
    const deadlineMs = this.#assembly.deadlineMs;
    if (deadlineMs === undefined || nowMs < deadlineMs) return undefined;
    this.#assembly.drop();
    return invalid('MESSAGE_TIMEOUT', 'an answer was cut short');
  }

  #ownChannel(): ChannelId {
    if (this.#channel === undefined) throw new RangeError('no channel yet: INIT comes first');
    return this.#channel;
  }

  #write(
    buffer: Uint8Array,
    channel: ChannelId,
    command: number,
    payload: Uint8Array,
  ): PacketBatch {
    const packetBytes = this.#packetBytes;
    const offset = this.#headroomBytes;
    const stride = this.#stride;
    const count = writePackets(buffer, offset, stride, packetBytes, channel, command, payload);
    return { buffer, offset, stride, packetBytes, count };
  }

  /** Takes the packets that go on with the open message; returns how many. */
  #continuations(
    bytes: Uint8Array,
    at: number,
    stride: number,
    limit: number,
    nowMs: number,
    handle: (event: HostEvent) => void,
  ): number {
    const assembly = this.#assembly;
    if (!assembly.open || readChannelId(bytes, at) !== this.#channel) return 0;
    if (((bytes[at + commandAt] as number) & initPacketBit) !== 0) return 0;
    const taken = assembly.append(bytes, at, stride, this.#packetBytes, limit, nowMs);
    if (taken === 0) {
      handle(invalid('INVALID_SEQUENCE', 'a packet of an answer was lost or repeated'));
      return 1;
    }
    if (!assembly.open) this.#message(handle);
    return taken;
  }

  #packet(bytes: Uint8Array, at: number, nowMs: number, handle: (event: HostEvent) => void): void {
    const assembly = this.#assembly;
    const channel = readChannelId(bytes, at);
    const commandByte = bytes[at + commandAt] as number;
    const command = commandByte & ~initPacketBit;
    if (channel !== this.#channel) {
      if (commandByte !== command) this.#elsewhere(channel, command, bytes, at, handle);
      return;
    }

    if (commandByte === command) {
      // Spurious continuation packets are ignored (CTAP 2.1 §11.2.5.4).
      return;
    }

    if (command === INIT.code) {
      this.#initAnswer(channel, bytes, at, handle);
      return;
    }
    if (assembly.open) {
      assembly.drop();
      handle(invalid('INVALID_SEQUENCE', 'an answer was broken off by another'));
    }
    const length = announcedLength(bytes, at);
    const lengths = answerLengths(command);
    if (lengths === undefined) {
      handle(invalid('INVALID_COMMAND', `an answer with command ${command}`));
    } else if (length < lengths[0] || length > lengths[1] || length > this.#maxMessageBytes) {
      handle(invalid('INVALID_LENGTH', `an answer of ${length} bytes to command ${command}`));
    } else if (command === ERROR.code) {
      handle(errorEvent(bytes[at + dataAt] as number));
    } else if (command === KEEPALIVE.code) {
      handle({ kind: 'keepalive', status: bytes[at + dataAt] as number });
    } else if (assembly.begin(bytes, at, this.#packetBytes, channel, command, nowMs)) {
      this.#message(handle);
    }
  }

  #message(handle: (event: HostEvent) => void): void {
    handle({
      kind: 'message',
      command: this.#assembly.command,
      payload: this.#assembly.payload(),
    });
  }

  /** An init packet on another channel than ours. */
  #elsewhere(
    channel: ChannelId,
    command: number,
    bytes: Uint8Array,
    at: number,
    handle: (event: HostEvent) => void,
  ): void {
    if (channel !== broadcastChannel) {
      handle({ kind: 'foreign', channel });
    } else if (command === INIT.code) {
      this.#initAnswer(channel, bytes, at, handle);
    } else if (command === ERROR.code && this.#initPending && this.#channel === undefined) {
      // It could be meant for another opener; asking again settles that.
      handle(errorEvent(bytes[at + dataAt] as number));
    } else {
      handle({ kind: 'foreign', channel });
    }
  }

  #initAnswer(
    on: ChannelId,
    bytes: Uint8Array,
    at: number,
    handle: (event: HostEvent) => void,
  ): void {
    const length = announcedLength(bytes, at);
    if (length < INIT.answer[0] || length > INIT.answer[1]) {
      handle(invalid('INVALID_LENGTH', `an INIT answer of ${length} bytes`));
      return;
    }
    const answer = decodeInitAnswer(bytes, at + dataAt);
    const nonceAt = at + dataAt + initAnswerFields.nonce.offset;
    const nonce = bytes.subarray(nonceAt, nonceAt + nonceBytes);
    if (this.#nonce === undefined || !equalBytes(nonce, this.#nonce)) {
      // On our channel: late, to an INIT of ours that was given up.
      if (on === broadcastChannel) handle({ kind: 'foreign', channel: answer?.channel ?? on });
      return;
    }
    // A second answer, to an INIT that was sent twice.
    if (!this.#initPending || (on === broadcastChannel) !== (this.#channel === undefined)) return;
    const resync = on !== broadcastChannel;
    if (answer === undefined || (resync && answer.channel !== on)) {
      handle(invalid('INVALID_CHANNEL', 'an INIT answer with an impossible channel'));
      return;
    }
    this.#initPending = false;
    this.#channel = answer.channel;
    this.#assembly.drop();
    const { channel, protocolVersion, deviceVersion, capabilities } = answer;
    handle({ kind: 'ready', resync, channel, protocolVersion, deviceVersion, capabilities });
  }
}

function invalid(code: PacketErrorCode, detail: string): HostEvent {
  return { kind: 'invalid', code, detail };
}

function errorEvent(byte: number): HostEvent {
  return { kind: 'error', code: packetErrorCode(byte), byte };
}
