import type { Ownership } from './ownership.ts';
import type { Rules } from './rules.ts';

// What the owner does with its binding, and what the bus does to it.

/** A record of the owner: it lives, and it has got its ticket. */
export function renew(rules: Rules, state: Ownership, nowMs: number): Ownership {
  const epoch = state.binding?.epoch ?? 0;
  const leaseUntilMs = nowMs + rules.leaseMs;
  return { ...state, confirmedEpoch: epoch, leaseUntilMs };
}

/** END: the owner gives the binding up. */
export function end(state: Ownership): Ownership {
  return { ...state, endedEpoch: state.binding?.epoch ?? 0, leaseUntilMs: 0 };
}

/**
 * HANDOVER: the owner lets the runtime with this key (hashed) take over. The time of the grant is
 * written down with it, so a power cut takes the window back to its beginning at most. No checkpoints
 * guard it: the cut ends the lease as well, so that anybody may take over then, and when the owner
 * comes back instead, its new binding ends the grant.
 */
export function handOver(
  rules: Rules,
  state: Ownership,
  key: Uint8Array,
  nowMs: number,
): Ownership {
  const epoch = state.binding?.epoch ?? 0;
  return { ...state, handover: { epoch, key, untilMs: nowMs + rules.handoverMs } };
}

/** A new attach begins. The lease goes on: a bus reset is no loss of power. */
export function attach(state: Ownership): Ownership {
  return { ...state, attachCounted: false };
}
