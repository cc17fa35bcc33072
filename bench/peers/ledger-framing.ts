import { requirePeer } from './load.ts';

interface Accumulated {
  readonly data: Buffer;
  readonly dataLength: number;
  readonly sequence: number;
}

interface HidFraming {
  makeBlocks(apdu: Buffer): Uint8Array[];
  reduceResponse(acc: Accumulated | undefined, chunk: Buffer): Accumulated;
  getReducedResult(acc: Accumulated | undefined): Buffer | undefined;
}

type CreateHidFraming = (channel: number, packetSize: number) => HidFraming;

/**
 * Splits and joins a message `count` times with Ledger's hid-framing, in the loop in which
 * Ledger's WebUSB transport uses it. The framing left @ledgerhq/devices after 8.15.1 and now lies,
 * unchanged, inside each of Ledger's transports.
 */
export function ledgerPackets(payloadBytes: number): (count: number) => number {
  const { default: createHidFraming } = requirePeer<{ default: CreateHidFraming }>(
    '@ledgerhq/devices/hid-framing',
  );
  const payload = Buffer.alloc(payloadBytes, 0x5a);

  return (count) => {
    let joined = 0;
    for (let i = 0; i < count; i++) {
      const framing = createHidFraming(0x0101, 64);
      const blocks = framing.makeBlocks(payload);
      let accumulated: Accumulated | undefined;
      let result: Buffer | undefined;
      for (const block of blocks) {
        // A view, as the transport takes one of each transfer's own buffer.
        accumulated = framing.reduceResponse(accumulated, Buffer.from(block.buffer));
        result = framing.getReducedResult(accumulated);
      }
      joined += result?.length ?? 0;
    }
    return joined;
  };
}
