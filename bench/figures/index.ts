import type { Figure } from '../harness/figure.ts';
import { bindComparisons } from './bind.ts';
import { connectComparisons } from './connect.ts';
import { exchangeComparisons } from './exchange.ts';
import { handshakeComparisons } from './handshake.ts';
import { importMeasurement } from './import.ts';
import { licenseComparisons } from './license-check.ts';
import { linkShares, streamShares } from './links.ts';
import { packetsComparisons } from './packets.ts';
import { recordComparisons } from './records.ts';
import { rsaComparisons } from './rsa.ts';
import { wearSimulations } from './wear.ts';

/** Every figure, in the order in which they are shown. */
export const figures: readonly Figure[] = [
  ...packetsComparisons,
  ...handshakeComparisons,
  ...connectComparisons,
  ...bindComparisons,
  ...recordComparisons,
  ...exchangeComparisons,
  ...licenseComparisons,
  ...rsaComparisons,
  ...linkShares,
  ...streamShares,
  ...wearSimulations,
  importMeasurement,
];
