import { floorPackets } from '../floors/packets.ts';
import type { Comparison } from '../harness/figure.ts';
import { packets } from '../ours/packets.ts';
import { ledgerPackets } from '../peers/ledger-framing.ts';
import { trezorPackets } from '../peers/trezor-protocol.ts';

/** A message split into 64-byte packets and joined again. */
function packetFigures(name: string, payloadBytes: number): Comparison[] {
  const against = (
    other: string,
    atMostRatio: number,
    run: () => Promise<(n: number) => unknown>,
  ) => ({
    name,
    against: other,
    atMostRatio,
    prepare: async () => ({ ours: { run: packets(payloadBytes) }, other: { run: await run() } }),
  });
  return [
    against('floor', 1.5, async () => (count) => floorPackets(payloadBytes, count)),
    against('trezor', 0.1, () => trezorPackets(payloadBytes)),
    against('ledger', 0.1, async () => ledgerPackets(payloadBytes)),
  ];
}

export const packetsComparisons: readonly Comparison[] = [
  ...packetFigures('packets-1k', 1_024),
  ...packetFigures('packets-7k', 7_609),
];
