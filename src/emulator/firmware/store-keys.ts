import type { StoreKey } from './store/store.ts';

/** What the firmware keeps in the store. Numbers are never used again. */
export const storeKeys = {
  /** Milliseconds for which the dongle has had power. */
  poweredTime: { id: 1, name: 'powered time', kind: 'counter', maxBytes: 6 },
  binding: { id: 2, name: 'binding', kind: 'value', maxBytes: 128 },
  confirmedEpoch: { id: 3, name: 'confirmed epoch', kind: 'counter', maxBytes: 6 },
  endedEpoch: { id: 4, name: 'ended epoch', kind: 'counter', maxBytes: 6 },
  handover: { id: 5, name: 'handover', kind: 'value', maxBytes: 64 },
  takeovers: { id: 6, name: 'takeovers', kind: 'value', maxBytes: 1024 },
  attaches: { id: 7, name: 'attaches', kind: 'value', maxBytes: 1536 },
  lockedUntil: { id: 8, name: 'end of the lockout', kind: 'counter', maxBytes: 6 },
  /** What is known of the time of day. */
  time: { id: 0x10, name: 'time', kind: 'value', maxBytes: 64 },
  /** Private keys of contexts that wait for their update. */
  contextKeys: { id: 0x11, name: 'context keys', kind: 'secret', maxBytes: 256 },
  /** Whether a vendor has blocked the dongle. */
  blocked: { id: 0x12, name: 'block', kind: 'value', maxBytes: 16 },
  /** Seats for each application. */
  seats: { id: 0x13, name: 'license table', kind: 'value', maxBytes: 512 },
  /** What was left of licenses that were taken away. */
  withdrawn: { id: 0x14, name: 'withdrawn licenses', kind: 'value', maxBytes: 1280 },
} as const satisfies Record<string, StoreKey>;

/** Keys of the same sort, one for each slot of a table. */
export const slotKeys = {
  /** Where the updates of each vendor stand. */
  vendor: slots(0x20, 8, { name: 'vendor', kind: 'value', maxBytes: 256 }),
  /** With the numbers of its blocks: one may have all that there are. */
  partition: slots(0x40, 16, { name: 'partition', kind: 'value', maxBytes: 160 }),
  userPassword: slots(0x50, 16, { name: 'user password', kind: 'secret', maxBytes: 64 }),
  administratorPassword: slots(0x60, 16, {
    name: 'administrator password',
    kind: 'secret',
    maxBytes: 64,
  }),
  /** Tries of a password: see `memory/password.ts`. */
  userTries: slots(0x70, 16, { name: 'user tries', kind: 'value', maxBytes: 16 }),
  administratorTries: slots(0x80, 16, { name: 'administrator tries', kind: 'value', maxBytes: 16 }),
  key: slots(0x100, 16, { name: 'key', kind: 'secret', maxBytes: 560 }),
  license: slots(0x200, 24, { name: 'license', kind: 'secret', maxBytes: 592 }),
  /** Units that a license has used: it never goes back. */
  usedUnits: slots(0x240, 24, { name: 'used units', kind: 'counter', maxBytes: 6 }),
  /** What happened to a license on the dongle: first use, machine, requests, uses as a decoy. */
  licenseUse: slots(0x280, 24, { name: 'license use', kind: 'value', maxBytes: 384 }),
  userData: slots(0x2c0, 24, { name: 'user data', kind: 'value', maxBytes: 256 }),
  /** User memory, block by block; a block of zeros is not stored. */
  memory: slots(0x400, 128, { name: 'memory', kind: 'secret', maxBytes: 512 }),
} as const;

function slots(
  firstId: number,
  count: number,
  { name, ...key }: Omit<StoreKey, 'id'>,
): readonly StoreKey[] {
  return Array.from({ length: count }, (_, slot) => {
    return { id: firstId + slot, name: `${name} ${slot}`, ...key };
  });
}
