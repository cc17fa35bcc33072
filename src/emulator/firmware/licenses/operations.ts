import type { License } from '../../../protocol/licenses/index.ts';
import type { Operation } from '../../../protocol/updates/index.ts';
import { done, type Reply, refused } from '../handler.ts';
import type { Manufacture } from '../manufacture-block.ts';
import type { Draft } from '../store/draft.ts';
import { mostCount } from '../store/store-key.ts';
import {
  type Entry,
  findEntry,
  freeSlot,
  type LicenseRecord,
  putRecord,
  putUse,
  removeEntry,
  withoutSecret,
} from './record.ts';
import { type LicenseReport, reportOf } from './report.ts';

type Fields<Name extends keyof Operation> = NonNullable<Operation[Name]>;

// What updates do to the licenses of their vendor.

/**
 * Adds a license, or changes the one of that product. What happened to it here stays: used units,
 * the first use, and the machine, unless the license is not bound by its first use any more.
 */
export function putLicense(
  draft: Draft,
  { licenses }: Pick<Manufacture, 'licenses'>,
  vendor: number,
  license: License,
): Reply<object> {
  const before = findEntry(draft, vendor, license.product);
  const slot = before?.slot ?? freeSlot(draft, licenses);
  if (slot === undefined) return refused('NO_SPACE');
  keep(draft, slot, { vendor, license, state: before?.state ?? 'active' });
  if (before?.use.machine !== undefined && license.machine?.length !== 0) {
    const { machine: _, ...use } = before.use;
    putUse(draft, slot, use);
  }
  return done({});
}

/** Takes a license away, and tells what was left of it. */
export function withdrawLicense(
  draft: Draft,
  vendor: number,
  product: number,
): Reply<LicenseReport> {
  const entry = findEntry(draft, vendor, product);
  if (entry === undefined) return refused('LICENSE_NOT_FOUND');
  removeEntry(draft, entry.slot);
  return done({ ...reportOf(entry), withdrawn: 1 });
}

/** Adds units to a license that counts them. */
export function addUnits(
  draft: Draft,
  vendor: number,
  { product, units: more }: Fields<'addUnits'>,
): Reply<object> {
  return change(draft, vendor, product, ({ license }) => {
    if (license.units === undefined || license.units + more > mostCount) return undefined;
    return { license: { ...license, units: license.units + more } };
  });
}

/** Blocks a license, lifts that, or makes a decoy of it, which it stays without a new secret. */
export function setLicenseState(
  draft: Draft,
  vendor: number,
  { product, state }: Fields<'setLicenseState'>,
): Reply<object> {
  return change(draft, vendor, product, () => ({ state }));
}

/** Renews the checkpoint of a license. */
export function renewCheckpoint(
  draft: Draft,
  vendor: number,
  { product, until, thresholdDays }: Fields<'checkpoint'>,
): Reply<object> {
  return change(draft, vendor, product, ({ license }) => ({
    license: { ...license, checkpoint: { until, thresholdDays } },
  }));
}

function change(
  draft: Draft,
  vendor: number,
  product: number,
  changed: (entry: Entry) => Partial<LicenseRecord> | undefined,
): Reply<object> {
  const entry = findEntry(draft, vendor, product);
  if (entry === undefined) return refused('LICENSE_NOT_FOUND');
  const record = changed(entry);
  if (record === undefined) return refused('INVALID_ARGUMENT');
  keep(draft, entry.slot, { ...entry, ...record });
  return done({});
}

/** A decoy has no secret, whatever its vendor writes. */
function keep(draft: Draft, slot: number, record: LicenseRecord): void {
  const { state, license } = record;
  putRecord(
    draft,
    slot,
    state === 'decoy' ? { ...record, license: withoutSecret(license) } : record,
  );
}
