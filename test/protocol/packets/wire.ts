import { expect } from 'vitest';
import { toHex } from '../../../src/bytes.ts';
import type { PacketBatch } from '../../../src/link.ts';
import {
  broadcastChannel,
  type ChannelId,
  type DeviceEvent,
  DevicePackets,
  type DevicePacketsOptions,
  type HostEvent,
  type HostPackets,
  type PacketErrorCode,
  packetErrors,
  writePackets,
} from '../../../src/protocol/packets/index.ts';

// Packets built by hand, without the code under test.

/** A first packet; `length` may say something else than `data` does. */
export function first(
  channel: number,
  command: number,
  length: number,
  data: Uint8Array | readonly number[] = [],
  packetBytes = 64,
): Uint8Array {
  const packet = new Uint8Array(packetBytes);
  new DataView(packet.buffer).setUint32(0, channel);
  packet.set([0x80 | command, length >> 8, length & 0xff], 4);
  packet.set(data.slice(0, packetBytes - 7), 7);
  return packet;
}

/** A continuation packet. */
export function next(
  channel: number,
  sequence: number,
  data: Uint8Array | readonly number[] = [],
  packetBytes = 64,
): Uint8Array {
  const packet = new Uint8Array(packetBytes);
  new DataView(packet.buffer).setUint32(0, channel);
  packet[4] = sequence;
  packet.set(data.slice(0, packetBytes - 5), 5);
  return packet;
}

/** All packets of a message. */
export function message(
  channel: number,
  command: number,
  payload: Uint8Array,
  packetBytes = 64,
): Uint8Array[] {
  const packets = [first(channel, command, payload.length, payload, packetBytes)];
  for (let at = packetBytes - 7; at < payload.length; at += packetBytes - 5) {
    packets.push(next(channel, packets.length - 1, payload.subarray(at), packetBytes));
  }
  return packets;
}

/** Bytes 0, 1, 2 … that differ from packet to packet. */
export function pattern(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 7 + (i >> 8)) & 0xff);
}

/** A batch of these packets. */
export function batchOf(...packets: Uint8Array[]): PacketBatch {
  const packetBytes = packets[0]?.length ?? 64;
  const buffer = new Uint8Array(packets.length * packetBytes);
  packets.forEach((packet, i) => {
    buffer.set(packet, i * packetBytes);
  });
  return { buffer, offset: 0, stride: packetBytes, packetBytes, count: packets.length };
}

/** Copies of a batch's packets. */
export function packetsOf(batch: PacketBatch): Uint8Array[] {
  return Array.from({ length: batch.count }, (_, i) => {
    const at = batch.offset + i * batch.stride;
    return batch.buffer.slice(at, at + batch.packetBytes);
  });
}

/** What a device sends: the event's message as a batch. */
export function batchFor(
  event: { channel: ChannelId; command: number; payload: Uint8Array },
  packetBytes = 64,
): PacketBatch {
  const buffer = new Uint8Array(129 * packetBytes);
  const { channel, command, payload } = event;
  const count = writePackets(buffer, 0, packetBytes, packetBytes, channel, command, payload);
  return { buffer, offset: 0, stride: packetBytes, packetBytes, count };
}

export function makeDevice(options: Partial<DevicePacketsOptions> = {}): DevicePackets {
  let drawn = 0;
  return new DevicePackets({
    faces: [{ packetBytes: 64, maxMessageBytes: 7609 }],
    channelLimit: 4,
    randomBytes: () => Uint8Array.of(0xc0, 0xff, 0xee, ++drawn),
    deviceVersion: [1, 2, 3],
    ...options,
  });
}

export const nonce = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);

/** Asks a device for a channel, as a host would. */
export function openChannel(device: DevicePackets, face = 0, packetBytes = 64): ChannelId {
  const event = device.receive(face, first(broadcastChannel, 0x06, 8, nonce, packetBytes), 0, 0);
  if (event.kind !== 'answer' || event.command !== 0x06) throw new Error('no channel');
  return new DataView(event.payload.buffer, event.payload.byteOffset).getUint32(8) as ChannelId;
}

/** Gives packets to a device; the events other than none. Payloads are copied. */
export function feed(
  device: DevicePackets,
  packets: readonly Uint8Array[],
  nowMs = 0,
  face = 0,
): DeviceEvent[] {
  const events: DeviceEvent[] = [];
  for (const packet of packets) {
    const event = device.receive(face, packet, 0, nowMs);
    if ('payload' in event) events.push({ ...event, payload: event.payload.slice() });
    else if (event.kind !== 'none') events.push(event);
  }
  return events;
}

/** The event of an ERROR answer. */
export function errorAnswer(channel: number, code: PacketErrorCode, face = 0): DeviceEvent {
  return {
    kind: 'answer',
    face,
    channel: channel as ChannelId,
    command: 0x3f,
    payload: Uint8Array.of(packetErrors[code]),
  };
}

/** The event of a request. */
export function request(
  channel: number,
  command: number,
  payload: Uint8Array,
  face = 0,
): DeviceEvent {
  return { kind: 'request', face, channel: channel as ChannelId, command, payload };
}

/** Gives packets to a host; its events. Payloads are copied. */
export function hear(host: HostPackets, batch: PacketBatch, nowMs = 0): HostEvent[] {
  const events: HostEvent[] = [];
  host.receive(batch, nowMs, (event) => {
    events.push(event.kind === 'message' ? { ...event, payload: event.payload.slice() } : event);
  });
  return events;
}

/** Compares a packet with the hexadecimal beginning it shall have; the rest must be zeros. */
export function expectPacket(packet: Uint8Array, hex: string): void {
  expect(toHex(packet)).toBe(hex.replaceAll(' ', '').padEnd(packet.length * 2, '0'));
}
