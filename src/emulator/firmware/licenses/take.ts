import { suite } from '#crypto';
import { equalBytes } from '../../../bytes.ts';
import { done, type Reply, refused } from '../handler.ts';
import type { Draft } from '../store/draft.ts';
import { mostCount } from '../store/store-key.ts';
import { seemingUnits, unitsLeft } from './judge.ts';
import { type Entry, putUse, putUsedUnits, rememberedRequests } from './record.ts';

/** A request that takes units. */
export interface Taking {
  /** The caller's own number, 16 bytes: what comes again under it takes nothing. */
  readonly request: Uint8Array;
  readonly units: number;
  /** Of all that the request says. */
  readonly digest: Uint8Array;
}

/** What a request says, in 16 bytes that nobody can make another request have. */
export function digestOf(plaintext: Uint8Array): Uint8Array {
  return suite.sha256(plaintext).slice(0, 16);
}

/**
 * Takes units of a license that is valid, and remembers the request; both are one commit. A request
 * that is remembered takes none, and gets the answer that it got.
 */
export function takeUnits(draft: Draft, entry: Entry, taking: Taking): Reply<number | undefined> {
  const { units, digest } = taking;
  // In the store every byte counts eight times.
  const request = taking.request.slice(0, 8);
  const earlier = entry.use.taken.find((taken) => equalBytes(taken.request, request));
  if (earlier !== undefined) {
    if (!equalBytes(earlier.digest, digest)) return refused('INVALID_ARGUMENT');
    return done(unitsLeft(withUsed(entry, earlier.used)));
  }
  if (units === 0) return done(unitsLeft(entry));
  const used = seemingUnits(entry) + units;
  const most = entry.state === 'decoy' ? entry.license.units : unitsLeft(entry);
  if (used > mostCount || (most !== undefined && units > most)) return refused('LICENSE_USED_UP');
  const after = withUsed(entry, used);
  const taken = [...entry.use.taken, { request, digest, used }].slice(-rememberedRequests);
  putUsedUnits(draft, entry.slot, after.usedUnits);
  putUse(draft, entry.slot, { ...after.use, taken });
  return done(unitsLeft(after));
}

/** A license with so many units used; of a decoy they only seem to be. */
function withUsed(entry: Entry, used: number): Entry {
  if (entry.state !== 'decoy') return { ...entry, usedUnits: used };
  return { ...entry, use: { ...entry.use, decoyUnits: used - entry.usedUnits } };
}
