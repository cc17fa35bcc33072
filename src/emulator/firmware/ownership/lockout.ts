import type { Attach, Ownership } from './ownership.ts';
import type { Limit, Rules } from './rules.ts';

/** Counts a takeover. */
export function withTakeover(rules: Rules, state: Ownership, nowMs: number): Ownership {
  const afterEnd = state.binding?.epoch === state.endedEpoch;
  const recent = state.takeovers.filter(({ atMs }) => nowMs - atMs <= rules.allTakeovers.withinMs);
  return { ...state, takeovers: [...recent, { atMs: nowMs, afterEnd }] };
}

/** Counts the attach in which a runtime binds, once. */
export function withAttach(rules: Rules, state: Ownership, attach: Attach): Ownership {
  if (state.attachCounted) return state;
  const attaches = [...state.attaches, attach].slice(-rules.attaches.count);
  return { ...state, attaches, attachCounted: true };
}

/** Whether the dongle has changed hands, or has been attached, too often of late. */
export function isOverLimit(
  rules: Rules,
  { takeovers, attaches }: Ownership,
  nowMs: number,
): boolean {
  const within = ({ withinMs }: Limit) => takeovers.filter(({ atMs }) => nowMs - atMs <= withinMs);
  return (
    within(rules.takeovers).filter(({ afterEnd }) => !afterEnd).length >= rules.takeovers.count ||
    within(rules.allTakeovers).length >= rules.allTakeovers.count ||
    areTooMany(rules.attaches, attaches)
  );
}

/** By both clocks: ten short uses on ten days are nothing, though little powered time is between. */
function areTooMany({ count, withinMs }: Limit, attaches: readonly Attach[]): boolean {
  if (attaches.length < count) return false;
  return (
    isWithin(
      withinMs,
      attaches.map(({ atMs }) => atMs),
    ) &&
    isWithin(
      withinMs,
      attaches.map(({ wallMs }) => wallMs),
    )
  );
}

function isWithin(withinMs: number, times: readonly number[]): boolean {
  return Math.max(...times) - Math.min(...times) <= withinMs;
}

/** Locks the dongle, and begins to count anew. */
export function lock(rules: Rules, state: Ownership, nowMs: number): Ownership {
  return {
    ...state,
    handover: undefined,
    takeovers: [],
    attaches: [],
    lockedUntilMs: nowMs + rules.lockoutMs,
    leaseUntilMs: 0,
  };
}
