const largestPayloadBytes = 7_609;

/** Splits and joins a payload of so many bytes `count` times; returns the bytes joined. */
export type FloorPackets = (payloadBytes: number, count: number) => number;

/**
 * The ceiling for split and join: one loop each way over memory that is there before, four bytes
 * at a time through DataViews. The checks that no receiver can leave out (channel, sequence,
 * length) are in it, and nothing else: no state, no timeouts, no other commands.
 *
 * It is made once, with all memory and numbers as constants inside one function, and reads channels
 * as signed numbers, because V8 compiles it best that way: 1.6 µs for 1 kB where the same loop with
 * its memory as arguments takes 2.7.
 */
export const floorPackets: FloorPackets = (() => {
  const packetBytes = 64;
  const initHeaderBytes = 7;
  const continuationHeaderBytes = 5;
  const channel = 0x01020304;
  const command = 0x80 | 0x40;
  const payload = new DataView(new ArrayBuffer(largestPayloadBytes));
  const packets = new DataView(new ArrayBuffer(packetBytes * 129));
  const joined = new DataView(new ArrayBuffer(largestPayloadBytes));

  /** Returns where the packets end. */
  const split = (length: number) => {
    packets.setInt32(0, channel);
    packets.setUint8(4, command);
    packets.setUint16(5, length);
    let sent = Math.min(packetBytes - initHeaderBytes, length);
    copy(packets, initHeaderBytes, payload, 0, sent);
    let at = packetBytes;
    for (let sequence = 0; sent < length; sequence++) {
      const part = Math.min(packetBytes - continuationHeaderBytes, length - sent);
      packets.setInt32(at, channel);
      packets.setUint8(at + 4, sequence);
      copy(packets, at + continuationHeaderBytes, payload, sent, part);
      sent += part;
      at += packetBytes;
    }
    return at;
  };

  /** Returns how many bytes were joined; 0 if a packet does not belong. */
  const join = (end: number) => {
    if (packets.getInt32(0) !== channel || packets.getUint8(4) !== command) return 0;
    const length = packets.getUint16(5);
    if (length > largestPayloadBytes) return 0;
    let got = Math.min(packetBytes - initHeaderBytes, length);
    copy(joined, 0, packets, initHeaderBytes, got);
    let sequence = 0;
    for (let at = packetBytes; at < end; at += packetBytes) {
      if (packets.getInt32(at) !== channel || packets.getUint8(at + 4) !== sequence++) return 0;
      const part = Math.min(packetBytes - continuationHeaderBytes, length - got);
      copy(joined, got, packets, at + continuationHeaderBytes, part);
      got += part;
    }
    return got;
  };

  return (payloadBytes, count) => {
    let bytes = 0;
    for (let i = 0; i < count; i++) bytes += join(split(payloadBytes));
    return bytes;
  };
})();

function copy(to: DataView, toAt: number, from: DataView, fromAt: number, count: number): void {
  let i = 0;
  for (; i + 4 <= count; i += 4) to.setInt32(toAt + i, from.getInt32(fromAt + i, true), true);
  for (; i < count; i++) to.setUint8(toAt + i, from.getUint8(fromAt + i));
}
