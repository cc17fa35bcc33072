import type { Clock } from '../clock.ts';
import { DongleError } from '../errors.ts';
import type { FaceName, Link, LinkSource, PacketBatch } from '../link.ts';

// The suite's own packet code. It shares nothing with src/protocol/packets, so that a fault there
// does not cancel out: CTAP 2.1 §11.2.4, written down a second time in the plainest way.

/** A message that the device sent. */
export interface Heard {
  readonly command: number;
  readonly payload: Uint8Array;
  /** When its last packet came. */
  readonly atMs: number;
}

/** What has come on one channel and nobody has taken yet. */
export interface Inbox {
  readonly messages: Heard[];
  /** When each KEEPALIVE came. */
  readonly keepalivesMs: number[];
}

const keepaliveCommand = 0x3b;

/** Longest message in packets of this size, in bytes. */
export function longestMessage(packetBytes: number): number {
  return packetBytes - 7 + 128 * (packetBytes - 5);
}

/** All packets of a message. `announced` may differ from what the payload is. */
export function cutIntoPackets(
  packetBytes: number,
  channel: number,
  command: number,
  payload: Uint8Array,
  announced = payload.length,
): Uint8Array[] {
  const first = new Uint8Array(packetBytes);
  const id = [channel >>> 24, channel >>> 16, channel >>> 8, channel];
  first.set([...id, 0x80 + command, announced >> 8, announced]);
  first.set(payload.subarray(0, packetBytes - 7), 7);
  const packets = [first];
  for (let at = packetBytes - 7; at < payload.length; at += packetBytes - 5) {
    const packet = new Uint8Array(packetBytes);
    packet.set([...id, packets.length - 1]);
    packet.set(payload.subarray(at, at + packetBytes - 5), 5);
    packets.push(packet);
  }
  return packets;
}

interface Assembly {
  readonly command: number;
  readonly length: number;
  readonly parts: number[];
  sequence: number;
}

/** A host that sends packets as it is told to, on any channels over one link. */
export class RawHost {
  /** What the device did against the packet format itself. */
  readonly faults: string[] = [];
  readonly #clock: Clock;
  readonly #inboxes = new Map<number, Inbox>();
  readonly #assemblies = new Map<number, Assembly>();
  #link!: Link;
  #held: Uint8Array[] | undefined;
  #sending: Promise<unknown> = Promise.resolve();

  private constructor(clock: Clock) {
    this.#clock = clock;
  }

  static async open(source: LinkSource, clock: Clock): Promise<RawHost> {
    const host = new RawHost(clock);
    host.#link = await source.open({
      packets: (batch) => host.#receive(batch),
      detached: (reason) => host.faults.push(`the device has gone: ${reason.code}`),
    });
    return host;
  }

  get face(): FaceName {
    return this.#link.face;
  }

  /** Size of every packet, in bytes. */
  get packetBytes(): number {
    return this.#link.packetBytes;
  }

  /** Keeps what is sent until `release`. */
  hold(): void {
    this.#held ??= [];
  }

  /** Sends what was held as one batch. */
  release(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    if (held.length > 0) this.send(held);
  }

  /** Sends packets behind those sent before, without waiting for the device to take them. */
  send(packets: readonly Uint8Array[]): void {
    if (this.#held !== undefined) {
      this.#held.push(...packets);
      return;
    }
    const { packetBytes, headroomBytes } = this.#link;
    const stride = headroomBytes + packetBytes;
    const buffer = new Uint8Array(packets.length * stride);
    packets.forEach((packet, i) => {
      buffer.set(packet, i * stride + headroomBytes);
    });
    const count = packets.length;
    const batch = { buffer, offset: headroomBytes, stride, packetBytes, count };
    this.#sending = this.#sending
      .then(() => this.#link.send(batch))
      .catch((error: unknown) => {
        const reason = error instanceof DongleError ? error.code : String(error);
        this.faults.push(`the link did not take packets: ${reason}`);
      });
  }

  inbox(channel: number): Inbox {
    let inbox = this.#inboxes.get(channel);
    if (inbox === undefined) {
      inbox = { messages: [], keepalivesMs: [] };
      this.#inboxes.set(channel, inbox);
    }
    return inbox;
  }

  close(): Promise<void> {
    return this.#link.close();
  }

  #receive(batch: PacketBatch): void {
    for (let i = 0; i < batch.count; i++) {
      const at = batch.offset + i * batch.stride;
      this.#receivePacket(batch.buffer.slice(at, at + batch.packetBytes));
    }
  }

  #receivePacket(packet: Uint8Array): void {
    const view = new DataView(packet.buffer);
    const channel = view.getUint32(0);
    const byte = view.getUint8(4);
    const pending = this.#assemblies.get(channel);
    if (byte >= 0x80) {
      if (pending !== undefined)
        this.faults.push(`a message of ${pending.length} bytes is cut short`);
      const assembly = { command: byte - 0x80, length: view.getUint16(5), parts: [], sequence: 0 };
      this.#add(channel, assembly, packet.subarray(7));
    } else if (pending === undefined || pending.sequence !== byte) {
      this.faults.push(`a continuation packet ${byte} where ${pending?.sequence ?? 'none'} is due`);
    } else {
      pending.sequence++;
      this.#add(channel, pending, packet.subarray(5));
    }
  }

  #add(channel: number, assembly: Assembly, data: Uint8Array): void {
    const { command, length, parts } = assembly;
    const share = Math.min(length - parts.length, data.length);
    for (let i = 0; i < share; i++) parts.push(data[i] as number);
    if (data.subarray(share).some((byte) => byte !== 0)) {
      this.faults.push('bytes behind the end of a message are not zero');
    }
    if (parts.length < length) {
      this.#assemblies.set(channel, assembly);
      return;
    }
    this.#assemblies.delete(channel);
    const atMs = this.#clock.now();
    const inbox = this.inbox(channel);
    if (command === keepaliveCommand) inbox.keepalivesMs.push(atMs);
    else inbox.messages.push({ command, payload: Uint8Array.from(parts), atMs });
  }
}
