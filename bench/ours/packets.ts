import type { HostEvent } from '../../src/protocol/packets/index.ts';
import {
  type ChannelId,
  HostPackets,
  initAnswerFields,
  packetCommands,
  packetCount,
  writePackets,
} from '../../src/protocol/packets/index.ts';

const packetBytes = 64;
const command = packetCommands.HANDSHAKE.code;
const channel = 0x01020304 as ChannelId;

/**
 * Splits and joins a message `count` times: `writePackets` as every sender uses it, and the whole
 * host's end, which has a channel and knows nothing of the benchmark.
 */
export function packets(payloadBytes: number): (count: number) => number {
  const payload = new Uint8Array(payloadBytes).fill(0x5a);
  const buffer = new Uint8Array(packetCount(payloadBytes, packetBytes) * packetBytes);
  const host = openedHost();
  let joined = 0;
  const handle = (event: HostEvent) => {
    if (event.kind === 'message') joined += event.payload.length;
  };
  return (count) => {
    joined = 0;
    for (let i = 0; i < count; i++) {
      const written = writePackets(buffer, 0, packetBytes, packetBytes, channel, command, payload);
      host.receive(
        { buffer, offset: 0, stride: packetBytes, packetBytes, count: written },
        0,
        handle,
      );
    }
    if (joined !== count * payloadBytes) throw new Error('a message was not joined');
    return joined;
  };
}

/** A host's end that has been given its channel. */
function openedHost(): HostPackets {
  const host = new HostPackets({ packetBytes, headroomBytes: 0 });
  const nonce = new Uint8Array(8).fill(7);
  const asked = host.init(nonce);
  const answer = new Uint8Array(17);
  answer.set(nonce, initAnswerFields.nonce.offset);
  new DataView(answer.buffer).setUint32(initAnswerFields.channel.offset, channel);
  answer[initAnswerFields.protocolVersion.offset] = 2;
  const buffer = new Uint8Array(packetBytes);
  const broadcast = new DataView(asked.buffer.buffer).getUint32(asked.offset) as ChannelId;
  const { INIT } = packetCommands;
  writePackets(buffer, 0, packetBytes, packetBytes, broadcast, INIT.code, answer);
  host.receive({ buffer, offset: 0, stride: packetBytes, packetBytes, count: 1 }, 0, () => {});
  if (host.channel !== channel) throw new Error('the host did not take its channel');
  return host;
}
