import { equalBytes } from '../../../bytes.ts';
import { isOverLimit, lock, withAttach, withTakeover } from './lockout.ts';
import type { Binding, Claim, Ownership } from './ownership.ts';
import type { Rules } from './rules.ts';
import { knock } from './sharing.ts';

/** Why a runtime does not get the dongle. */
export type Refusal = 'boundElsewhere' | 'lockedOut' | 'shared';

/** What becomes of a claim. `state` is to be committed before anybody hears of it. */
export type BindStep =
  /** The runtime has it, under a new epoch; sessions of before are over for `predecessor`. */
  | {
      readonly kind: 'bound';
      readonly state: Ownership & { readonly binding: Binding };
      readonly predecessor: Predecessor;
    }
  /** It does not. `waitMs` is how long that lasts if nothing happens. */
  | {
      readonly kind: 'refused';
      readonly state: Ownership;
      readonly refusal: Refusal;
      readonly waitMs: number;
      /** Whether every session is over, as this claim was one too many. */
      readonly endsSessions: boolean;
    };

/**
 * What a new binding means for the one before: the same start of a service has come back, another
 * start of the same runtime goes on, or another runtime (or a branch of the same) has it now.
 */
export type Predecessor = 'none' | 'same' | 'superseded' | 'lost';

/** How a claim stands to the binding that there is. */
type Standing = 'first' | 'lineage' | 'heir' | 'other';

/**
 * Decides about a claim.
 *
 * @param nextTicket - hash of the ticket that the runtime will get if it is bound
 */
export function bind(
  rules: Rules,
  before: Ownership,
  claim: Claim,
  nextTicket: Uint8Array,
  nowMs: number,
): BindStep {
  if (nowMs < before.lockedUntilMs)
    return refused(before, 'lockedOut', before.lockedUntilMs - nowMs);
  if (nowMs < before.sharedUntilMs) return refused(before, 'shared', before.sharedUntilMs - nowMs);
  const standing = standingOf(before, claim, nowMs);
  if (standing === 'other' && isAlive(before, nowMs)) {
    const state = knock(rules, before, claim, nowMs);
    return state.sharedUntilMs > nowMs
      ? { kind: 'refused', state, refusal: 'shared', waitMs: rules.sharedMs, endsSessions: true }
      : refused(state, 'boundElsewhere', before.leaseUntilMs - nowMs);
  }
  const begun = standing === 'other' ? withTakeover(rules, before, nowMs) : before;
  const counted = withAttach(rules, standing === 'lineage' ? begun : { ...begun, attaches: [] }, {
    atMs: nowMs,
    wallMs: claim.wallMs,
  });
  if (isOverLimit(rules, counted, nowMs)) {
    const state = lock(rules, before, nowMs);
    return {
      kind: 'refused',
      state,
      refusal: 'lockedOut',
      waitMs: rules.lockoutMs,
      endsSessions: true,
    };
  }
  const { key, instance, machine, ticket } = claim;
  const epoch = (before.binding?.epoch ?? 0) + 1;
  const previousTicket = standing === 'lineage' ? ticket : undefined;
  return {
    kind: 'bound',
    predecessor: predecessorOf(before, claim, standing),
    state: {
      ...counted,
      binding: { epoch, key, instance, machine, ticket: nextTicket, previousTicket },
      handover: undefined,
      leaseUntilMs: nowMs + rules.leaseMs,
      knocks: 0,
    },
  };
}

/** Whether the owner has been heard of within its lease, and has not given the binding up. */
function isAlive({ binding, endedEpoch, leaseUntilMs }: Ownership, nowMs: number): boolean {
  return binding !== undefined && binding.epoch !== endedEpoch && nowMs < leaseUntilMs;
}

function standingOf(
  { binding, confirmedEpoch, handover }: Ownership,
  claim: Claim,
  nowMs: number,
): Standing {
  if (binding === undefined) return 'first';
  const { key, ticket, previousTicket, epoch } = binding;
  if (equalBytes(claim.key, key) && claim.ticket !== undefined) {
    if (equalBytes(claim.ticket, ticket)) return 'lineage';
    // The runtime may have died before it could keep the new one.
    const unconfirmed = confirmedEpoch !== epoch && previousTicket !== undefined;
    if (unconfirmed && equalBytes(claim.ticket, previousTicket)) return 'lineage';
  }
  const named = handover?.epoch === epoch && nowMs < handover.untilMs;
  return named && equalBytes(claim.key, handover.key) ? 'heir' : 'other';
}

function predecessorOf({ binding }: Ownership, claim: Claim, standing: Standing): Predecessor {
  if (binding === undefined) return 'none';
  if (standing !== 'lineage') return 'lost';
  return equalBytes(binding.instance, claim.instance) ? 'same' : 'superseded';
}

function refused(state: Ownership, refusal: Refusal, waitMs: number): BindStep {
  return { kind: 'refused', state, refusal, waitMs, endsSessions: false };
}
