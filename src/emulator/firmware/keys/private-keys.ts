import { equalBytes } from '../../../bytes.ts';
import { type KeyMaterial, keyClasses, keyMaterialSchema } from '../../../protocol/keys.ts';
import { applicationSchema } from '../../../protocol/partitions.ts';
import { field, type Infer, struct } from '../../../protocol/schema/index.ts';
import { done, type Reply, refused } from '../handler.ts';
import { type Draft, putValue, readValue, type StoreReader } from '../store/draft.ts';
import type { StoreKey } from '../store/store.ts';
import { slotKeys } from '../store-keys.ts';

// Private keys in flash: each in a slot of its own, and numbered by it.

const recordSchema = struct({
  application: field(1, applicationSchema),
  material: field(2, keyMaterialSchema),
});

/** A private key as it is stored. */
export type PrivateKey = Infer<typeof recordSchema>;

function numberOf(slot: number): number {
  return keyClasses.private.from + slot;
}

function slotOf(number: number): StoreKey | undefined {
  return slotKeys.key[number - keyClasses.private.from];
}

/** The private key of that number. */
export function readPrivateKey(store: StoreReader, number: number): PrivateKey | undefined {
  const slot = slotOf(number);
  return slot && readValue(store, slot, recordSchema);
}

/** Whether the same bytes are stored under a number as those that were read from it before. */
export function isStillStored(store: StoreReader, number: number, stored: Uint8Array): boolean {
  const slot = slotOf(number);
  const now = slot && store.get(slot);
  return now !== undefined && equalBytes(now, stored);
}

/** What is stored under a number, as it lies there. */
export function storedBytes(store: StoreReader, number: number): Uint8Array | undefined {
  const slot = slotOf(number);
  return slot && store.get(slot);
}

/** All private keys, with their numbers. */
export function listPrivateKeys(store: StoreReader): (PrivateKey & { readonly number: number })[] {
  return slotKeys.key.flatMap((slot, i) => {
    const key = readValue(store, slot, recordSchema);
    return key === undefined ? [] : [{ number: numberOf(i), ...key }];
  });
}

/** The partition of a private key; undefined where there is no such key. */
export function privateKeyOwner(store: StoreReader, number: number): number | undefined {
  return readPrivateKey(store, number)?.application;
}

/** Whether the model keeps another private key. */
export function hasFreeSlot(store: StoreReader, limits: { readonly keys: number }): boolean {
  return freeSlot(store, limits) >= 0;
}

/** The first slot without a key; -1 where there is none. */
function freeSlot(store: StoreReader, limits: { readonly keys: number }): number {
  return slotKeys.key.slice(0, limits.keys).findIndex((key) => store.get(key) === undefined);
}

/**
 * Keeps a private key of a partition: under the number given, in place of that partition's key of
 * before, or else under the next that is free. Gives the number.
 *
 * @param limits - how many private keys the model keeps
 */
export function putPrivateKey(
  draft: Draft,
  limits: { readonly keys: number },
  application: number,
  number: number | undefined,
  material: KeyMaterial,
): Reply<number> {
  const slot = number === undefined ? freeSlot(draft, limits) : number - keyClasses.private.from;
  const key = slot < limits.keys ? slotKeys.key[slot] : undefined;
  if (key === undefined) return refused(number === undefined ? 'NO_SPACE' : 'KEY_NOT_FOUND');
  const owner = privateKeyOwner(draft, numberOf(slot));
  if (owner !== undefined && owner !== application) return refused('KEY_NOT_FOUND');
  putValue(draft, key, recordSchema, { application, material });
  return done(numberOf(slot));
}

/** Deletes a private key. */
export function removePrivateKey(draft: Draft, number: number): Reply<undefined> {
  const slot = slotOf(number);
  if (slot === undefined || draft.get(slot) === undefined) return refused('KEY_NOT_FOUND');
  draft.remove(slot);
  return done(undefined);
}

/** Deletes all keys of a partition. */
export function removeKeysOf(draft: Draft, application: number): void {
  for (const { number, application: owner } of listPrivateKeys(draft)) {
    if (owner === application) removePrivateKey(draft, number);
  }
}
