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
} as const satisfies Record<string, StoreKey>;
