import type { Context } from '../../../protocol/updates/index.ts';
import type { StoreReader } from '../store/draft.ts';
import { unitsLeft } from './judge.ts';
import { type Entry, readEntries } from './record.ts';

/** What a context or a receipt tells of a license. */
export type LicenseReport = Context['licenses'][number];

/** The licenses of one vendor, or of all, as contexts and receipts tell them. */
export function reportLicenses(store: StoreReader, vendor: number | undefined): LicenseReport[] {
  return readEntries(store)
    .filter((entry) => vendor === undefined || entry.vendor === vendor)
    .map(reportOf);
}

/** What is left of a license. Of a decoy it is what was left when it became one. */
export function reportOf(entry: Entry): LicenseReport {
  const { vendor, license, state, use, usedUnits } = entry;
  const left = unitsLeft({ ...entry, state: 'active' });
  return {
    ...{ vendor, product: license.product, state, usedUnits },
    ...(left !== undefined && { unitsLeft: left }),
    ...(use.firstUse !== undefined && { firstUse: use.firstUse }),
    ...(use.decoyUses !== undefined && { decoyUses: use.decoyUses }),
  };
}
