import { noBytes } from '../../bytes.ts';
import { broadcastChannel, type ChannelId, readChannelId } from './channel-id.ts';
import { ChannelTable } from './channel-table.ts';
import { packetCommands, requestLengths } from './commands.ts';
import { type DeviceVersion, encodeInitAnswer } from './init-answer.ts';
import { initPacketBit, initPacketFields, minPacketBytes } from './layout.ts';
import { type PacketErrorCode, packetErrors } from './packet-errors.ts';
import { largestMessage } from './packet-writer.ts';
import { announcedLength, Reassembly } from './reassembly.ts';

/** What a packet, or the passing of time, means to a device. */
export type DeviceEvent =
  | { readonly kind: 'none' }
  /** A whole message to execute. `payload` is a view, valid until the next `receive`. */
  | {
      readonly kind: 'request';
      readonly face: number;
      readonly channel: ChannelId;
      readonly command: number;
      readonly payload: Uint8Array;
    }
  /** The host takes back what this channel has under way; CANCEL itself is never answered. */
  | { readonly kind: 'cancel'; readonly face: number; readonly channel: ChannelId }
  /** The packet layer's own answer (INIT, LOCK, ERROR), to be sent as it is. */
  | {
      readonly kind: 'answer';
      readonly face: number;
      readonly channel: ChannelId;
      readonly command: number;
      readonly payload: Uint8Array;
    };

/** How packets look on one face of the device. */
export interface PacketFace {
  readonly packetBytes: number;
  /** The longest request taken, in bytes. */
  readonly maxMessageBytes: number;
}

export interface DevicePacketsOptions {
  readonly faces: readonly PacketFace[];
  /** Channels that the whole device can have at a time. */
  readonly channelLimit: number;
  readonly randomBytes: (count: number) => Uint8Array;
  readonly deviceVersion: DeviceVersion;
  /** Called when a channel must give way to a new one, before that one's INIT is answered. */
  readonly onEvict?: (channel: ChannelId) => void;
}

const commandAt = initPacketFields.command.offset;
const dataAt = initPacketFields.data.offset;
const { INIT, LOCK, CANCEL, HELLO, ERROR } = packetCommands;
const maxLockSeconds = 10;
const none: DeviceEvent = { kind: 'none' };

/**
 * The device's end of the packet layer, over all faces of the device.
 *
 * One message is assembled at a time in the whole device, so its memory is one buffer. Meanwhile
 * other channels' requests get `CHANNEL_BUSY` at once; INIT and CANCEL are served. Arbitration ends
 * when a request is assembled: the next may begin while that one is executed (CTAP 2.1 §11.2.5.1
 * would keep other channels out until it is answered).
 */
export class DevicePackets {
  readonly #faces: readonly PacketFace[];
  readonly #deviceVersion: DeviceVersion;
  readonly #onEvict: ((channel: ChannelId) => void) | undefined;
  readonly #channels: ChannelTable;
  readonly #assembly = new Reassembly();
  /** Face of the message that was begun last. */
  #assemblyFace = 0;
  #lock: { readonly channel: ChannelId; readonly untilMs: number } | undefined;

  /** @throws RangeError if a face's sizes or the channel limit are impossible */
  constructor(options: DevicePacketsOptions) {
    for (const { packetBytes, maxMessageBytes } of options.faces) {
      if (packetBytes < minPacketBytes) throw new RangeError(`packets of ${packetBytes} bytes`);
      if (maxMessageBytes > largestMessage(packetBytes)) {
        throw new RangeError(`messages of ${maxMessageBytes} bytes in packets of ${packetBytes}`);
      }
    }
    if (options.channelLimit < 1) throw new RangeError('no channels');
    this.#faces = options.faces;
    this.#deviceVersion = options.deviceVersion;
    this.#onEvict = options.onEvict;
    this.#channels = new ChannelTable(options.channelLimit, options.randomBytes);
  }

  /**
   * Takes the one packet at `offset` of `bytes`, as long as the face's packets are; a shorter one
   * is ignored. When `nextDeadlineMs` has come, `tick` is to be called first.
   *
   * @param face - index into the options' faces
   */
  receive(face: number, bytes: Uint8Array, offset: number, nowMs: number): DeviceEvent {
    const { packetBytes } = this.#face(face);
    if (bytes.length - offset < packetBytes) return none;
    const channel = readChannelId(bytes, offset);
    const commandByte = bytes[offset + commandAt] as number;
    if ((commandByte & initPacketBit) === 0) {
      return this.#continuation(face, channel, bytes, offset, packetBytes, nowMs);
    }
    const command = commandByte & ~initPacketBit;

    if (channel === broadcastChannel && command === INIT.code) {
      return this.#init(face, channel, bytes, offset);
    }
    // A channel is known on its own face alone. No channel has the broadcast id.
    const known = this.#channels.get(channel);
    if (known === undefined || known.face !== face) {
      return this.#error(face, channel, 'INVALID_CHANNEL');
    }
    this.#channels.touch(known);

    // Any init packet ends the message that its channel was sending.
    const interrupts = this.#assembly.open && this.#assembly.channel === channel;
    if (interrupts) this.#assembly.drop();
    switch (command) {
      case INIT.code:
        // Resynchronisation (§11.2.5.3). The channel's session is not ours to touch.
        return this.#init(face, channel, bytes, offset);
      case CANCEL.code:
        return announcedLength(bytes, offset) === 0
          ? { kind: 'cancel', face, channel }
          : this.#error(face, channel, 'INVALID_LENGTH');
    }
    if (interrupts) return this.#error(face, channel, 'INVALID_SEQUENCE');
    const refusal = this.#refusal(face, channel, known.pinned, command, bytes, offset, nowMs);
    if (refusal !== undefined) return this.#error(face, channel, refusal);

    if (command === LOCK.code) {
      return this.#lockFor(face, channel, bytes[offset + dataAt] as number, nowMs);
    }
    this.#assemblyFace = face;
    const complete = this.#assembly.begin(bytes, offset, packetBytes, channel, command, nowMs);
    return complete ? this.#request(face) : none;
  }

  /** When `tick` is due: an open message has then paused for too long. */
  get nextDeadlineMs(): number | undefined {
    return this.#assembly.deadlineMs;
  }

  /** Lets time pass: a message cut short is dropped with `MESSAGE_TIMEOUT` (§11.2.5.2). */
  tick(nowMs: number): DeviceEvent {
    const deadlineMs = this.#assembly.deadlineMs;
    if (deadlineMs === undefined || nowMs < deadlineMs) return none;
    this.#assembly.drop();
    return this.#error(this.#assemblyFace, this.#assembly.channel, 'MESSAGE_TIMEOUT');
  }

  /** Marks a channel that has a session: it is never evicted, and may LOCK. */
  pin(channel: ChannelId): void {
    const known = this.#channels.get(channel);
    if (known !== undefined) known.pinned = true;
  }

  /** Takes `pin` back; the channel's lock ends with it. */
  unpin(channel: ChannelId): void {
    const known = this.#channels.get(channel);
    if (known !== undefined) known.pinned = false;
    if (this.#lock?.channel === channel) this.#lock = undefined;
  }

  /** The face of a channel; undefined if there is no such channel. */
  faceOf(channel: ChannelId): number | undefined {
    return this.#channels.get(channel)?.face;
  }

  /** Forgets all channels: after power-up or a bus reset. */
  reset(): void {
    this.#channels.clear();
    this.#assembly.drop();
    this.#lock = undefined;
  }

  #face(face: number): PacketFace {
    const sizes = this.#faces[face];
    if (sizes === undefined) throw new RangeError(`no face ${face}`);
    return sizes;
  }

  #continuation(
    face: number,
    channel: ChannelId,
    bytes: Uint8Array,
    offset: number,
    packetBytes: number,
    nowMs: number,
  ): DeviceEvent {
    const assembly = this.#assembly;
    // Spurious continuation packets are ignored (§11.2.5.4).
    if (!assembly.open || assembly.channel !== channel || this.#assemblyFace !== face) {
      return none;
    }
    if (assembly.append(bytes, offset, packetBytes, packetBytes, 1, nowMs) === 0) {
      return this.#error(face, channel, 'INVALID_SEQUENCE');
    }
    return assembly.open ? none : this.#request(face);
  }

  /**
   * Why an init packet begins no message, if so. All of it is decided on the first packet, so that
   * a message that cannot be served never occupies the buffer; its rest is spurious then.
   */
  #refusal(
    face: number,
    channel: ChannelId,
    pinned: boolean,
    command: number,
    bytes: Uint8Array,
    offset: number,
    nowMs: number,
  ): PacketErrorCode | undefined {
    const lengths = requestLengths(command);
    if (lengths === undefined) return 'INVALID_COMMAND';
    if (command === LOCK.code && !pinned) return 'INVALID_COMMAND';
    if (this.#assembly.open) return 'CHANNEL_BUSY';
    if (this.#lockedAgainst(channel, nowMs) && command !== HELLO.code) return 'CHANNEL_BUSY';
    const length = announcedLength(bytes, offset);
    if (length < lengths[0] || length > lengths[1]) return 'INVALID_LENGTH';
    if (length > this.#face(face).maxMessageBytes) return 'INVALID_LENGTH';
    return undefined;
  }

  #lockedAgainst(channel: ChannelId, nowMs: number): boolean {
    const lock = this.#lock;
    return lock !== undefined && lock.channel !== channel && nowMs < lock.untilMs;
  }

  #request(face: number): DeviceEvent {
    const { channel, command } = this.#assembly;
    return { kind: 'request', face, channel, command, payload: this.#assembly.payload() };
  }

  #init(face: number, channel: ChannelId, bytes: Uint8Array, offset: number): DeviceEvent {
    if (announcedLength(bytes, offset) !== INIT.request[0]) {
      return this.#error(face, channel, 'INVALID_LENGTH');
    }
    const id = channel === broadcastChannel ? this.#allocate(face) : channel;
    if (id === undefined) return this.#error(face, channel, 'CHANNEL_BUSY');
    const payload = encodeInitAnswer(bytes, offset + dataAt, id, this.#deviceVersion);
    return { kind: 'answer', face, channel, command: INIT.code, payload };
  }

  #allocate(face: number): ChannelId | undefined {
    if (this.#channels.full) {
      // The channel whose message is being assembled stays, so that INIT never disturbs it.
      const sending = this.#assembly.open ? this.#assembly.channel : undefined;
      const evicted = this.#channels.oldest(sending);
      if (evicted === undefined) return undefined;
      this.#channels.remove(evicted);
      this.#onEvict?.(evicted);
    }
    return this.#channels.add(face);
  }

  /** LOCK (§11.2.9.2.2). */
  #lockFor(face: number, channel: ChannelId, seconds: number, nowMs: number): DeviceEvent {
    if (seconds > maxLockSeconds) return this.#error(face, channel, 'INVALID_PARAMETER');
    this.#lock = seconds === 0 ? undefined : { channel, untilMs: nowMs + seconds * 1_000 };
    return { kind: 'answer', face, channel, command: LOCK.code, payload: noBytes };
  }

  #error(face: number, channel: ChannelId, code: PacketErrorCode): DeviceEvent {
    const payload = Uint8Array.of(packetErrors[code]);
    return { kind: 'answer', face, channel, command: ERROR.code, payload };
  }
}
