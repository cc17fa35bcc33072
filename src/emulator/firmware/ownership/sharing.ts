import { equalBytes } from '../../../bytes.ts';
import type { Claim, Ownership } from './ownership.ts';
import type { Rules } from './rules.ts';

/** Somebody has tried to get the dongle while its owner is alive. */
export function knock(rules: Rules, before: Ownership, claim: Claim, nowMs: number): Ownership {
  const state = { ...before, knocks: before.knocks + 1 };
  if (!isAnotherMachine(before.binding?.machine ?? [], claim.machine)) return state;
  const { count, withinMs } = rules.strangers;
  const strangers = [...before.strangers.filter((atMs) => nowMs - atMs <= withinMs), nowMs];
  if (strangers.length < count) return { ...state, strangers };
  return { ...state, strangers: [], sharedUntilMs: nowMs + rules.sharedMs, leaseUntilMs: 0 };
}

/**
 * A machine has several ids, of which a program sees those that it may read; one in common is
 * enough. Of a machine that says nothing, nothing is known.
 */
function isAnotherMachine(ours: readonly Uint8Array[], theirs: readonly Uint8Array[]): boolean {
  if (ours.length === 0 || theirs.length === 0) return false;
  return !ours.some((id) => theirs.some((other) => equalBytes(id, other)));
}
