import { vendorSchema } from '../../../protocol/certificates/index.ts';
import {
  type License,
  licenseSchema,
  machineSchema,
  timeSchema,
  unitsSchema,
} from '../../../protocol/licenses/index.ts';
import {
  array,
  bytes,
  field,
  type Infer,
  optional,
  struct,
  uint,
} from '../../../protocol/schema/index.ts';
import { licenseStateSchema } from '../../../protocol/updates/operations.ts';
import { type Draft, putValue, readValue, type StoreReader } from '../store/draft.ts';
import { slotKeys } from '../store-keys.ts';

// A license lies in a slot: what its vendor has written, and in keys of their own what happened to it
// here, so that no update needs to know the one to change the other.

/** Requests that took units of a license and are known again, the oldest first. */
export const rememberedRequests = 8;

/** What a vendor has written. */
const licenseRecord = struct({
  vendor: field(1, vendorSchema),
  license: field(2, licenseSchema),
  state: field(3, licenseStateSchema),
});

export type LicenseRecord = Infer<typeof licenseRecord>;

const takenSchema = struct({
  /** The beginning of its number. */
  request: field(1, bytes({ length: 8 })),
  /** Of all that the request says, so that it cannot come again and ask for something else. */
  digest: field(2, bytes({ length: 16 })),
  /** The units used by then. */
  used: field(3, unitsSchema),
});

/** What happened to a license on the dongle. */
const useRecord = struct({
  /** Of a license with a usage period. */
  firstUse: optional(1, timeSchema),
  /** The machine of the first use, where that binds the license. */
  machine: optional(2, array(machineSchema, { max: 3 })),
  taken: field(3, array(takenSchema, { max: rememberedRequests })),
  /** How often it was used as a decoy, and the units that seemed to be taken. */
  decoyUses: optional(4, uint({ max: 0xffff_ffff })),
  decoyUnits: optional(5, unitsSchema),
});

export type LicenseUse = Infer<typeof useRecord>;

const unused: LicenseUse = { taken: [] };

/** A license as it lies in the store. */
export interface Entry extends LicenseRecord {
  readonly slot: number;
  readonly use: LicenseUse;
  readonly usedUnits: number;
}

/** The license in a slot, if there is one. */
function readEntry(store: StoreReader, slot: number): Entry | undefined {
  const record = readValue(store, keyAt('license', slot), licenseRecord);
  if (record === undefined) return undefined;
  const use = readValue(store, keyAt('licenseUse', slot), useRecord) ?? unused;
  return { slot, ...record, use, usedUnits: store.count(keyAt('usedUnits', slot)) };
}

/** All licenses, in the order of their slots. */
export function readEntries(store: StoreReader): Entry[] {
  return slotKeys.license.flatMap((_, slot) => readEntry(store, slot) ?? []);
}

/** A vendor's license of that product. */
export function findEntry(store: StoreReader, vendor: number, product: number): Entry | undefined {
  return readEntries(store).find(
    (entry) => entry.vendor === vendor && entry.license.product === product,
  );
}

/** A slot that nothing lies in; undefined where there is none among the first `limit`. */
export function freeSlot(draft: Draft, limit: number): number | undefined {
  const slot = slotKeys.license.findIndex(
    (key, slot) => draft.isFree(key) && draft.isFree(keyAt('usedUnits', slot)),
  );
  return slot >= 0 && slot < limit ? slot : undefined;
}

export function putRecord(draft: Draft, slot: number, record: LicenseRecord): void {
  const { vendor, license, state } = record;
  putValue(draft, keyAt('license', slot), licenseRecord, { vendor, license, state });
}

export function putUse(draft: Draft, slot: number, use: LicenseUse): void {
  putValue(draft, keyAt('licenseUse', slot), useRecord, use);
}

/** Sets the units used, which never become fewer. */
export function putUsedUnits(draft: Draft, slot: number, units: number): void {
  draft.raise(keyAt('usedUnits', slot), units);
}

/** Empties a slot. */
export function removeEntry(draft: Draft, slot: number): void {
  for (const name of ['license', 'usedUnits', 'licenseUse', 'userData'] as const) {
    draft.remove(keyAt(name, slot));
  }
}

/** What the user has written to a license. */
export function readUserData(store: StoreReader, { slot }: Entry): Uint8Array | undefined {
  return store.get(keyAt('userData', slot));
}

export function putUserData(draft: Draft, { slot }: Entry, data: Uint8Array): void {
  if (data.length === 0) draft.remove(keyAt('userData', slot));
  else draft.put(keyAt('userData', slot), data);
}

/** The same license without its secret, from which nothing can be decrypted any more. */
export function withoutSecret({ secret: _, ...license }: License): License {
  return license;
}

function keyAt(name: 'license' | 'usedUnits' | 'licenseUse' | 'userData', slot: number) {
  return slotKeys[name][slot] as (typeof slotKeys)[typeof name][number];
}
