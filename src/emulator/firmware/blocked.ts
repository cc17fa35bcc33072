import type { StoreReader } from './store/draft.ts';
import { storeKeys } from './store-keys.ts';

/** Whether the dongle's vendor has blocked it: then it gives no license and uses no private key. */
export function isBlocked(store: StoreReader): boolean {
  return store.get(storeKeys.blocked) !== undefined;
}
