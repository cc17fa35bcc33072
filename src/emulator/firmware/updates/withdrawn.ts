import { array } from '../../../protocol/schema/index.ts';
import { licenseReportSchema } from '../../../protocol/updates/index.ts';
import type { LicenseReport } from '../licenses/index.ts';
import { type Draft, putValue, readValue, type StoreReader } from '../store/draft.ts';
import { storeKeys } from '../store-keys.ts';

// Licenses that were taken away. Receipts go on to tell of them, as one may get lost, and without it
// the vendor cannot issue the license elsewhere.

/** As many as any model has licenses; the oldest gives way. */
const mostReports = 24;

const reportsSchema = array(licenseReportSchema, { max: mostReports });

function readAll(store: StoreReader): readonly LicenseReport[] {
  return readValue(store, storeKeys.withdrawn, reportsSchema) ?? [];
}

/** What was left of the vendor's licenses that were taken away, the last one at the end. */
export function withdrawnOf(store: StoreReader, vendor: number): LicenseReport[] {
  return readAll(store).filter((report) => report.vendor === vendor);
}

/** Notes that a license was taken away. */
export function noteWithdrawn(draft: Draft, report: LicenseReport): void {
  forgetWithdrawn(draft, report.vendor, report.product);
  const reports = [...readAll(draft), report].slice(-mostReports);
  putValue(draft, storeKeys.withdrawn, reportsSchema, reports);
}

/** A license of that product is there again. */
export function forgetWithdrawn(draft: Draft, vendor: number, product: number): void {
  const all = readAll(draft);
  const others = all.filter((report) => report.vendor !== vendor || report.product !== product);
  if (others.length === all.length) return;
  if (others.length === 0) draft.remove(storeKeys.withdrawn);
  else putValue(draft, storeKeys.withdrawn, reportsSchema, others);
}
