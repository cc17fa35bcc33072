import { suite } from '#crypto';
import { generateWebKeyPair, type WebKeyPair, webDhKey } from '../crypto/web-x25519.ts';
import { DongleError } from '../errors.ts';
import { PageStorage } from './page-storage.ts';
import { type Hold, type Runtime, soleHold } from './runtime.ts';
import { unseenEvidence } from './sharing.ts';

/** The Web Locks that a page has. */
interface Locks {
  request(
    name: string,
    options: { readonly ifAvailable: true },
    held: (lock: object | null) => Promise<void>,
  ): Promise<void>;
}

/**
 * The runtime of a page's origin: its key, which never leaves WebCrypto, and its tickets are kept by
 * the browser, so a page that is loaded again is the same runtime and continues its lineage.
 *
 * @throws DongleError `FILE_FAILED` where the browser keeps nothing, as in some private windows
 */
export async function openPageRuntime(): Promise<Runtime> {
  const storage = await PageStorage.open();
  const kept = (await storage.get('keys', 'runtime')) as WebKeyPair | undefined;
  // Of several tabs that make one at once, the first one's counts.
  const pair = kept ?? (await storage.putFirst('keys', 'runtime', await generateWebKeyPair()));
  return {
    key: await webDhKey(pair as WebKeyPair),
    instance: suite.randomBytes(16),
    machine: [],
    ticket: async (dongle) => (await storage.get('tickets', dongle)) as Uint8Array | undefined,
    keepTicket: (dongle, ticket) => storage.put('tickets', dongle, ticket),
    hold,
    inspect: () => [unseenEvidence('A page sees no other programs.')],
  };
}

/** Keeps other tabs of this origin away. */
function hold(dongle: string): Promise<Hold> {
  const { navigator } = globalThis as { navigator?: { locks?: Locks } };
  const locks = navigator?.locks;
  if (locks === undefined) return Promise.resolve(soleHold);
  return new Promise((resolve, reject) => {
    const held = (lock: object | null) => {
      if (lock !== null) {
        return new Promise<void>((release) => resolve({ invitation: undefined, release }));
      }
      const holder = `Another tab of this site has dongle ${dongle}; close it and try again.`;
      reject(new DongleError('IN_USE', holder));
      return Promise.resolve();
    };
    locks.request(`latchkey ${dongle}`, { ifAvailable: true }, held).catch(reject);
  });
}
