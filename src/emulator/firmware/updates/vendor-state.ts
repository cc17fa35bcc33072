import { vendorSchema } from '../../../protocol/certificates/index.ts';
import {
  array,
  bytes,
  field,
  type Infer,
  optional,
  struct,
  text,
  uint,
} from '../../../protocol/schema/index.ts';
import { noUpdate } from '../../../protocol/updates/index.ts';
import { type Draft, putValue, readValue, type StoreReader } from '../store/draft.ts';
import { slotKeys } from '../store-keys.ts';

/** Ids of updates that are kept, to tell a fork from a repeat. */
const mostKnown = 8;

/** Bytes of an id that are kept. */
export const shortIdBytes = 8;

const stateSchema = struct({
  vendor: field(1, vendorSchema),
  name: optional(2, text({ maxBytes: 64 })),
  /** Of the last update; 0 where there was none. */
  number: field(3, uint({ max: 0xffff_ffff })),
  last: field(4, bytes({ length: 32 })),
  /** The beginnings of the ids of the last updates, the last one's at the end. */
  known: field(5, array(bytes({ length: shortIdBytes }), { max: mostKnown })),
  /** SHA-256 of the file that was applied last. */
  file: optional(6, bytes({ length: 32 })),
});

/** Where the updates of one vendor stand. */
export type VendorState = Infer<typeof stateSchema>;

/** All vendors that the dongle knows. */
export function vendorStates(store: StoreReader): VendorState[] {
  return slotKeys.vendor.flatMap((key) => readValue(store, key, stateSchema) ?? []);
}

/** What each vendor is called, where that was said. */
export function vendorNames(store: StoreReader): ReadonlyMap<number, string | undefined> {
  return new Map(vendorStates(store).map(({ vendor, name }) => [vendor, name]));
}

/** Where the updates of a vendor stand; at the beginning where there were none. */
export function vendorState(store: StoreReader, vendor: number): VendorState {
  const known = vendorStates(store).find((state) => state.vendor === vendor);
  return known ?? { vendor, number: 0, last: noUpdate, known: [] };
}

/** Keeps where a vendor stands; false where there are too many vendors. */
export function putVendorState(draft: Draft, state: VendorState): boolean {
  const slots = slotKeys.vendor.map((key) => ({ key, value: readValue(draft, key, stateSchema) }));
  const slot =
    slots.find(({ value }) => value?.vendor === state.vendor) ??
    slots.find(({ value }) => value === undefined);
  if (slot === undefined) return false;
  putValue(draft, slot.key, stateSchema, state);
  return true;
}

/** The state after the update of that id. */
export function advanced(state: VendorState, id: Uint8Array): VendorState {
  const known = [...state.known, id.slice(0, shortIdBytes)].slice(-mostKnown);
  return { ...state, number: state.number + 1, last: id, known };
}

/** What was kept of the id of an update that was applied; undefined where it is too long ago. */
export function knownId(state: VendorState, number: number): Uint8Array | undefined {
  return state.known[state.known.length - 1 - (state.number - number)];
}
