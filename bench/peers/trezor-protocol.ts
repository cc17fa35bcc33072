import { importPeer, requirePeer } from './load.ts';

interface ProtocolV1 {
  encode(data: Buffer, options: { messageType: number }): Buffer;
  getHeaders(data: Buffer): [header: Buffer, chunkHeader: Buffer];
}

type Received = { success: true; payload: { payload: Buffer } } | { success: false };

interface TransportSend {
  createChunks(data: Buffer, chunkHeader: Buffer, chunkSize: number): Buffer[];
}

interface TransportReceive {
  receive(
    receiver: () => Promise<{ success: true; payload: Buffer }>,
    protocol: ProtocolV1,
  ): Promise<Received>;
}

const packetBytes = 64;

/**
 * Splits and joins a message `count` times with @trezor/protocol v1, through the two functions
 * with which Trezor's transport drives it: `encode` and `createChunks` on the way out, and
 * `receive` (header, chunk headers, copy) on the way in. `receive` takes its packets one awaited
 * read at a time; that is how the package joins a message, so it is counted.
 */
export async function trezorPackets(
  payloadBytes: number,
): Promise<(count: number) => Promise<number>> {
  const { v1 } = await importPeer<{ v1: ProtocolV1 }>('@trezor/protocol');
  const { createChunks } = requirePeer<TransportSend>('@trezor/transport/lib/utils/send.js');
  const { receive } = requirePeer<TransportReceive>('@trezor/transport/lib/utils/receive.js');
  const payload = Buffer.alloc(payloadBytes, 0x5a);

  return async (count) => {
    let joined = 0;
    for (let i = 0; i < count; i++) {
      const message = v1.encode(payload, { messageType: 1 });
      const [, chunkHeader] = v1.getHeaders(message);
      const chunks = createChunks(message, chunkHeader, packetBytes);
      let next = 0;
      const received = await receive(
        () => Promise.resolve({ success: true, payload: chunks[next++] as Buffer }),
        v1,
      );
      if (received.success) joined += received.payload.payload.length;
    }
    return joined;
  };
}
