import type { Comparison } from '../harness/figure.ts';
import { echoes } from '../ours/dongle.ts';
import { ledgerKitExchange } from '../peers/ledger-dmk.ts';
import { trezorExchange } from '../peers/trezor-transport.ts';

/** 32 bytes to the device and back in memory: ours sealed, theirs in clear. */
export const exchangeComparisons: readonly Comparison[] = [
  {
    name: 'exchange-32',
    against: 'trezor',
    atMostRatio: 1,
    prepare: async () => ({
      ours: { run: await echoes(32) },
      other: { run: await trezorExchange() },
    }),
  },
  {
    name: 'exchange-32',
    against: 'ledger-dmk',
    atMostRatio: 1,
    prepare: async () => ({
      ours: { run: await echoes(32) },
      other: { run: await ledgerKitExchange() },
    }),
  },
];
