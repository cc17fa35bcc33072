import { concatBytes, equalBytes, noBytes } from '../../../bytes.ts';
import type { Draft, StoreReader } from '../store/draft.ts';
import { storeKeys } from '../store-keys.ts';

// One-time keys (X25519) of the contexts that wait for an answer, the newest last: 64 bytes each, the
// public and the private half.

const halfBytes = 32;
const pairBytes = 2 * halfBytes;
const mostPairs = 4;

function readPairs(store: StoreReader): Uint8Array[] {
  const bytes = store.get(storeKeys.contextKeys) ?? noBytes;
  return Array.from({ length: bytes.length / pairBytes }, (_, i) =>
    bytes.subarray(i * pairBytes, (i + 1) * pairBytes),
  );
}

/** The private half of a context's key; undefined where the dongle does not know it any more. */
export function findContextKey(store: StoreReader, publicKey: Uint8Array): Uint8Array | undefined {
  return readPairs(store)
    .find((pair) => isOf(pair, publicKey))
    ?.slice(halfBytes);
}

/** Keeps one more; the oldest gives way. */
export function addContextKey(draft: Draft, publicKey: Uint8Array, privateKey: Uint8Array): void {
  put(draft, [...readPairs(draft), concatBytes(publicKey, privateKey)].slice(-mostPairs));
}

/** Forgets the key of a context that was answered. */
export function removeContextKey(draft: Draft, publicKey: Uint8Array): void {
  const pairs = readPairs(draft);
  const others = pairs.filter((pair) => !isOf(pair, publicKey));
  if (others.length < pairs.length) put(draft, others);
}

function isOf(pair: Uint8Array, publicKey: Uint8Array): boolean {
  return equalBytes(pair.subarray(0, halfBytes), publicKey);
}

function put(draft: Draft, pairs: readonly Uint8Array[]): void {
  if (pairs.length === 0) draft.remove(storeKeys.contextKeys);
  else draft.put(storeKeys.contextKeys, concatBytes(...pairs));
}
