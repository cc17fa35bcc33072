import { createTrustStore, type TrustStore } from '../../../src/node.ts';
import { testRoot } from '../../../src/protocol/certificates/index.ts';

/** A store that trusts emulated dongles. */
export async function trustEmulated(): Promise<TrustStore> {
  const store = await createTrustStore({ roots: [testRoot], allowTest: true });
  if (!store.ok) throw new Error(store.detail);
  return store.value;
}
