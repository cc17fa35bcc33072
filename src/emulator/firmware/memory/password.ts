import { suite } from '#crypto';
import { concatBytes } from '../../../bytes.ts';
import { type LoginRole, passwordTries } from '../../../protocol/partitions.ts';
import type { RandomSource } from '../../board/random.ts';
import { equalSecrets } from '../equal-secrets.ts';
import { done, type Reply, refused } from '../handler.ts';
import type { Ledger } from '../ledger.ts';
import type { Draft, StoreReader } from '../store/draft.ts';
import { slotKeys } from '../store-keys.ts';

// A password lies in the store as a salt of 16 bytes and HMAC-SHA-256 of the password under it, and
// apart from it lies how many tries are left: one byte.

const saltBytes = 16;

const keys = {
  user: { password: slotKeys.userPassword, tries: slotKeys.userTries },
  administrator: { password: slotKeys.administratorPassword, tries: slotKeys.administratorTries },
} as const;

/** The two keys of the store for a password of the partition in a slot. */
function keysOf(slot: number, role: LoginRole) {
  const { password, tries } = keys[role];
  return {
    password: password[slot] as (typeof password)[number],
    tries: tries[slot] as (typeof tries)[number],
  };
}

/** A password as it is stored: it is never the same again once it has been set anew. */
export function storedPassword(
  store: StoreReader,
  slot: number,
  role: LoginRole,
): Uint8Array | undefined {
  return store.get(keysOf(slot, role).password);
}

/** How many wrong tries are left before a password locks. */
export function triesLeft(store: StoreReader, slot: number, role: LoginRole): number {
  return store.get(keysOf(slot, role).tries)?.[0] ?? 0;
}

/** Sets a password, with all its tries. */
export function putPassword(
  draft: Draft,
  random: RandomSource,
  slot: number,
  role: LoginRole,
  password: Uint8Array,
): void {
  const salt = random(saltBytes);
  draft.put(keysOf(slot, role).password, concatBytes(salt, digest(salt, password)));
  restoreTries(draft, slot, role);
}

/** Gives a password all its tries back. */
export function restoreTries(draft: Draft, slot: number, role: LoginRole): void {
  draft.put(keysOf(slot, role).tries, tries(passwordTries));
}

/** Removes a password. */
export function removePassword(draft: Draft, slot: number, role: LoginRole): void {
  const { password, tries } = keysOf(slot, role);
  draft.remove(password);
  draft.remove(tries);
}

/**
 * Tries a password. The try is written down as lost before anything is compared, so that pulling the
 * plug gives none back; and what comes after the comparison writes as many bytes to the same key
 * whether it was right or wrong, so that neither time nor current tells which.
 */
export function tryPassword(
  ledger: Ledger,
  slot: number,
  role: LoginRole,
  password: Uint8Array,
): Reply<undefined> {
  const stored = storedPassword(ledger.store, slot, role);
  const left = triesLeft(ledger.store, slot, role);
  if (stored === undefined || left === 0) return refused('PASSWORD_LOCKED');
  const key = keysOf(slot, role).tries;
  const lowered = left - 1;
  if (!ledger.commit([{ key, value: tries(lowered) }])) return refused('NO_SPACE');
  const tried = digest(stored.subarray(0, saltBytes), password);
  const right = equalSecrets(tried, stored.subarray(saltBytes));
  if (!ledger.commit([{ key, value: tries(right ? passwordTries : lowered) }])) {
    return refused('NO_SPACE');
  }
  return right ? done(undefined) : refused('PASSWORD_WRONG');
}

function digest(salt: Uint8Array, password: Uint8Array): Uint8Array {
  return suite.hmacSha256(salt, password);
}

function tries(count: number): Uint8Array {
  return Uint8Array.of(count);
}
