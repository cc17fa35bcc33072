import type { Outcome } from '../../errors.ts';
import {
  array,
  bool,
  bytes,
  type Decoded,
  decode,
  encode,
  field,
  optional,
  type Schema,
  struct,
  uint,
} from '../../protocol/schema/index.ts';
import { type Binding, type Durable, unowned } from './ownership/index.ts';
import { shortHashBytes } from './short-hash.ts';
import type { Change, Store, StoreKey } from './store/store.ts';
import { storeKeys } from './store-keys.ts';

// How ownership lies in the store: each member of `Durable` under a key of its own.

const hash = bytes({ length: shortHashBytes });
const epoch = uint({ max: 0xffff_ffff });
const poweredMs = uint({ max: 2 ** 48 - 1 });
/** As many as the limits of the rules may count. */
const mostEvents = { max: 64 };

const bindingSchema = struct({
  epoch: field(1, epoch),
  key: field(2, hash),
  instance: field(3, bytes({ length: 16 })),
  machine: field(4, array(bytes({ length: 8 }), { max: 3 })),
  ticket: field(5, hash),
  previousTicket: optional(6, hash),
});
const handoverSchema = struct({
  epoch: field(1, epoch),
  key: field(2, hash),
  untilMs: field(3, poweredMs),
});
const takeoverSchema = struct({ atMs: field(1, poweredMs), afterEnd: field(2, bool()) });
const attachSchema = struct({
  atMs: field(1, poweredMs),
  wallMs: field(2, uint({ max: Number.MAX_SAFE_INTEGER })),
});

/** How one member is read and written. */
interface Slice<Value> {
  load(store: Store): Decoded<Value>;
  change(value: Value): Change;
}

const slices: { readonly [Name in keyof Durable]: Slice<Durable[Name]> } = {
  // A ticket that is missing and one that is undefined are the same to the schema layer.
  binding: valueSlice(storeKeys.binding, bindingSchema as Schema<Binding>, unowned.binding),
  confirmedEpoch: countSlice(storeKeys.confirmedEpoch),
  endedEpoch: countSlice(storeKeys.endedEpoch),
  handover: valueSlice(storeKeys.handover, handoverSchema, unowned.handover),
  takeovers: valueSlice(storeKeys.takeovers, array(takeoverSchema, mostEvents), []),
  attaches: valueSlice(storeKeys.attaches, array(attachSchema, mostEvents), []),
  lockedUntilMs: countSlice(storeKeys.lockedUntil),
};
const names = Object.keys(slices) as (keyof Durable)[];

/** Reads ownership from the store. */
export function loadDurable(store: Store): Outcome<Durable, 'FLASH_INVALID'> {
  const durable: Record<string, unknown> = {};
  for (const name of names) {
    const loaded = slices[name].load(store);
    if (!loaded.ok) {
      return { ok: false, code: 'FLASH_INVALID', detail: `its ${name} cannot be read` };
    }
    durable[name] = loaded.value;
  }
  return { ok: true, value: durable as unknown as Durable };
}

/** What is to be committed when ownership changes: the members that are not the same any more. */
export function durableChanges(before: Durable, after: Durable): Change[] {
  const changed = names.filter((name) => after[name] !== before[name]);
  return changed.map((name) => (slices[name] as Slice<Durable[typeof name]>).change(after[name]));
}

function countSlice(key: StoreKey): Slice<number> {
  return {
    load: (store) => ({ ok: true, value: store.count(key) }),
    change: (count) => ({ key, count }),
  };
}

/** A member that is not there while it is `initially`. */
function valueSlice<Value, Initially>(
  key: StoreKey,
  schema: Schema<Value>,
  initially: Initially,
): Slice<Value | Initially> {
  return {
    load(store) {
      const bytes = store.get(key);
      return bytes === undefined ? { ok: true, value: initially } : decode(schema, bytes);
    },
    change: (value) =>
      value === undefined ? { key, remove: true } : { key, value: encode(schema, value as Value) },
  };
}
