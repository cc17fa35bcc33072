import { capacityOf } from '../../test/support/paced-bus.ts';
import {
  pacedLinks,
  pacedRate,
  pacedStreamRate,
  pacedStreams,
} from '../../test/support/paced-links.ts';
import type { Share } from '../harness/figure.ts';

/** Largest messages over the real transports, on a bus in virtual time. */
export const linkShares: readonly Share[] = Object.entries(pacedLinks).map(([name, link]) => ({
  name,
  against: 'capacity',
  unit: 'kB/s',
  atLeastRatio: link.atLeast,
  capacity: capacityOf(link.bus),
  measure: () => pacedRate(link),
}));

/** A mebibyte of AES-CTR through the chip, in the same way. */
export const streamShares: readonly Share[] = Object.entries(pacedStreams).map(([name, wire]) => ({
  name,
  against: 'capacity',
  unit: 'kB/s',
  atLeastRatio: wire.atLeast,
  capacity: capacityOf(wire.bus),
  measure: () => pacedStreamRate(wire),
}));
