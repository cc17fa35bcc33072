import { equalBytes } from '../../../bytes.ts';
import type { RandomSource } from '../../board/random.ts';
import { done, type Reply, refused } from '../handler.ts';
import type { Manufacture } from '../manufacture-block.ts';
import type { Draft } from '../store/draft.ts';
import { removeContextKey } from './context-keys.ts';
import { perform, type Workplace } from './operations.ts';
import type { OpenedUpdates, SignedUpdate } from './unseal.ts';
import {
  advanced,
  knownId,
  putVendorState,
  shortIdBytes,
  type VendorState,
  vendorState,
} from './vendor-state.ts';

/** Where updates are applied. */
export interface ApplyParts {
  readonly draft: Draft;
  readonly manufacture: Manufacture;
  readonly random: RandomSource;
  /** SHA-256 of the whole file. */
  readonly fileId: Uint8Array;
}

/**
 * Applies the updates of a file that the dongle has not had to a draft, all or none, and tells how many
 * that are. What it has had is skipped; what contradicts what it has had is a fork.
 */
export function applyUpdates(
  { vendor, updates, recipient }: OpenedUpdates,
  { draft, manufacture, random, fileId }: ApplyParts,
): Reply<number> {
  let state = vendorState(draft, vendor);
  const place: Workplace = {
    ...{ draft, manufacture, random, vendor },
    name: state.name,
  };
  let applied = 0;
  for (const signed of updates) {
    const stands = standingOf(signed, state);
    if (stands === 'had') continue;
    if (stands !== 'next') return refused(stands);
    for (const operation of signed.update.operations) {
      if (!perform(place, operation).ok) return refused('UPDATE_IMPOSSIBLE');
    }
    state = advanced(state, signed.id);
    applied++;
  }
  if (applied === 0) return done(0);
  const { name } = place;
  const kept: VendorState = {
    ...state,
    ...(name !== undefined && { name }),
    file: fileId,
  };
  if (!putVendorState(draft, kept)) return refused('UPDATE_IMPOSSIBLE');
  removeContextKey(draft, recipient);
  return done(applied);
}

/** Whether an update is the next one, was had already, or cannot be. */
function standingOf(
  { update, id }: SignedUpdate,
  state: VendorState,
): 'next' | 'had' | 'UPDATE_FORKED' | 'UPDATE_GAP' {
  if (update.number > state.number + 1) return 'UPDATE_GAP';
  if (update.number === state.number + 1) {
    return equalBytes(update.previous, state.last) ? 'next' : 'UPDATE_FORKED';
  }
  if (update.number === 0) return 'UPDATE_FORKED';
  const known = knownId(state, update.number);
  const differs = known !== undefined && !equalBytes(known, id.slice(0, shortIdBytes));
  return differs ? 'UPDATE_FORKED' : 'had';
}
