import type { Link, LinkListener, LinkSource, PacketBatch } from '../link.ts';
import { initPacketBit, initPacketFields } from '../protocol/packets/index.ts';

/** What somebody on the wire does with a packet. */
export type Deed = 'pass' | 'drop';

/** Somebody on the wire: sees every packet as a copy that may be altered, and may drop it. */
export interface Bystander {
  toDevice?(packet: Uint8Array): Deed;
  toHost?(packet: Uint8Array): Deed;
}

/** The command of an init packet; undefined for a continuation packet. */
export function commandOf(packet: Uint8Array): number | undefined {
  const byte = packet[initPacketFields.command.offset] as number;
  return (byte & initPacketBit) === 0 ? undefined : byte & ~initPacketBit;
}

/** The same dongle, reached over a wire with somebody on it. */
export function tapWire(source: LinkSource, bystander: Bystander): LinkSource {
  return {
    face: source.face,
    async open(listener) {
      const link = await source.open(tapListener(listener, bystander));
      return tapLink(link, bystander);
    },
  };
}

function tapListener(listener: LinkListener, bystander: Bystander): LinkListener {
  return {
    packets: (batch) =>
      forEachPassed(
        batch,
        (packet) => bystander.toHost?.(packet),
        (passed) => listener.packets(passed),
      ),
    detached: (reason) => listener.detached(reason),
  };
}

function tapLink(link: Link, bystander: Bystander): Link {
  return {
    face: link.face,
    packetBytes: link.packetBytes,
    headroomBytes: link.headroomBytes,
    async send(batch) {
      const sends: Promise<void>[] = [];
      forEachPassed(
        batch,
        (packet) => bystander.toDevice?.(packet),
        (passed) => {
          sends.push(link.send(passed));
        },
      );
      await Promise.all(sends);
    },
    close: () => link.close(),
  };
}

/** Shows each packet and passes on, one by one and in order, those that are not dropped. */
function forEachPassed(
  batch: PacketBatch,
  show: (packet: Uint8Array) => Deed | undefined,
  pass: (one: PacketBatch) => void,
): void {
  const { packetBytes, stride } = batch;
  const headroom = stride - packetBytes;
  for (let i = 0; i < batch.count; i++) {
    const start = batch.offset + i * stride;
    const buffer = batch.buffer.slice(Math.max(0, start - headroom), start + packetBytes);
    const offset = buffer.length - packetBytes;
    if (show(buffer.subarray(offset)) === 'drop') continue;
    pass({ buffer, offset, stride, packetBytes, count: 1 });
  }
}
