import { equalBytes } from '../../bytes.ts';
import {
  type Acceptance,
  type Refusal,
  type RuntimeClaim,
  ticketBytes,
} from '../../protocol/channel/index.ts';
import type { RandomSource } from '../board/random.ts';
import { durableChanges } from './durable.ts';
import { Invitations } from './invitations.ts';
import type { Ledger } from './ledger.ts';
import {
  attach,
  bind,
  type Durable,
  end,
  handOver,
  type Ownership,
  type Predecessor,
  powerUp,
  type Rules,
  renew,
} from './ownership/index.ts';
import type { EndReason, Session } from './sessions.ts';
import { shortHash } from './short-hash.ts';

/** What becomes of a claim: the dongle's word on it, or an error that says nothing. */
export type Decision =
  | { readonly kind: 'accepted'; readonly acceptance: Omit<Acceptance, 'largestPlaintext'> }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  | { readonly kind: 'error'; readonly code: 'HANDSHAKE_REFUSED' | 'SESSION_LIMIT' };

/** What the registrar needs of the sessions, all of which are the owner's. */
export interface OwnersSessions {
  readonly count: number;
  /** Whether a request of one is being executed. */
  readonly executing: boolean;
  makeRoom(): boolean;
  endAll(reason: EndReason): void;
}

export interface RegistrarParts {
  readonly rules: Rules;
  /** Ownership as it was when the power went. */
  readonly durable: Durable;
  readonly ledger: Ledger;
  readonly random: RandomSource;
  readonly sessions: OwnersSessions;
}

/** What a new binding says to the sessions of the one before. */
const endReasons = {
  same: 'NO_SESSION',
  superseded: 'SUPERSEDED',
  lost: 'BINDING_LOST',
} as const satisfies Record<Exclude<Predecessor, 'none'>, EndReason>;

const handshakeRefused: Decision = { kind: 'error', code: 'HANDSHAKE_REFUSED' };

/** Keeps who has the dongle: decides about claims, and writes down what they change. */
export class Registrar {
  readonly #parts: RegistrarParts;
  readonly #invitations: Invitations;
  #state: Ownership;

  constructor(parts: RegistrarParts) {
    this.#parts = parts;
    this.#invitations = new Invitations(parts.random);
    this.#state = { ...parts.durable, ...powerUp };
    this.#watchLockout();
  }

  /** Powered milliseconds for which the dongle still refuses everybody. */
  get lockedMs(): number {
    return Math.max(0, this.#state.lockedUntilMs - this.#parts.ledger.now());
  }

  /** A new attach begins. */
  attach(): void {
    this.#state = attach(this.#state);
  }

  /** Decides about the claim of the runtime with this static key. What it changes is committed. */
  decide(staticKey: Uint8Array, claim: RuntimeClaim): Decision {
    const key = shortHash(staticKey);
    return claim.invitation === undefined
      ? this.#bind(key, claim)
      : this.#admit(key, claim, claim.invitation);
  }

  /**
   * The owner lives: a request of it has come, or gets its reply. False where that could not be
   * written down, and then the request must not be executed.
   */
  renew(): boolean {
    const { rules, ledger } = this.#parts;
    return this.#keep(renew(rules, this.#state, ledger.now()));
  }

  /** Ids of the owner's machine; none where that is unknown. */
  get machine(): readonly Uint8Array[] {
    return this.#state.binding?.machine ?? [];
  }

  /** How often others have knocked since the binding. */
  get knocks(): number {
    return this.#state.knocks;
  }

  /** An invitation to one more session, in place of the session's last. */
  invite(session: Session): Uint8Array {
    return this.#invitations.give(session, this.#parts.ledger.now());
  }

  /** A session has ended. */
  withdrawInvitation(session: Session): void {
    this.#invitations.withdraw(session);
  }

  /** Lets the runtime with this static key take over; false where that cannot be written down. */
  handOver(staticKey: Uint8Array): boolean {
    const { rules, ledger } = this.#parts;
    return this.#keep(handOver(rules, this.#state, shortHash(staticKey), ledger.now()));
  }

  /** A session says END. The last one gives the binding up; false where that cannot be written. */
  leave(): boolean {
    return this.#parts.sessions.count > 1 || this.#keep(end(this.#state));
  }

  #bind(key: Uint8Array, claim: RuntimeClaim): Decision {
    const { rules, ledger, random, sessions } = this.#parts;
    const { instance, machine, wallMs } = claim;
    const nowMs = ledger.now();
    // A command that is being executed holds the lease.
    if (sessions.executing) this.renew();
    const ticket = random(ticketBytes);
    const step = bind(
      rules,
      this.#state,
      { key, instance, machine, ticket: claim.ticket && shortHash(claim.ticket), wallMs },
      shortHash(ticket),
      nowMs,
    );
    if (!this.#keep(step.state)) return handshakeRefused;
    if (step.kind === 'refused') {
      const { refusal: outcome, waitMs, endsSessions } = step;
      if (endsSessions) sessions.endAll(outcome === 'shared' ? 'SHARED' : 'LOCKED_OUT');
      return { kind: 'refused', refusal: { outcome, waitMs } };
    }
    const { predecessor, state } = step;
    if (predecessor !== 'none') sessions.endAll(endReasons[predecessor]);
    const { epoch } = state.binding;
    const { leaseMs } = rules;
    return { kind: 'accepted', acceptance: { outcome: 'accepted', epoch, leaseMs, ticket } };
  }

  /** One more session of the binding that there is. */
  #admit(key: Uint8Array, { instance }: RuntimeClaim, invitation: Uint8Array): Decision {
    const { rules, ledger, sessions } = this.#parts;
    const inviting = this.#invitations.find(invitation, ledger.now());
    const { binding } = this.#state;
    const isOwner =
      binding !== undefined &&
      equalBytes(binding.key, key) &&
      equalBytes(binding.instance, instance);
    if (inviting === undefined || !isOwner) return handshakeRefused;
    if (!sessions.makeRoom()) return { kind: 'error', code: 'SESSION_LIMIT' };
    this.#invitations.withdraw(inviting);
    const { leaseMs } = rules;
    const { epoch } = binding;
    return {
      kind: 'accepted',
      acceptance: { outcome: 'accepted', epoch, leaseMs, ticket: undefined },
    };
  }

  /** Takes over a new state, its durable part committed first; false where it cannot be. */
  #keep(after: Ownership): boolean {
    const changes = durableChanges(this.#state, after);
    if (changes.length > 0 && !this.#parts.ledger.commit(changes)) return false;
    const locks = after.lockedUntilMs !== this.#state.lockedUntilMs;
    this.#state = after;
    if (locks) this.#watchLockout();
    return true;
  }

  #watchLockout(): void {
    const { rules, ledger } = this.#parts;
    const { lockedUntilMs } = this.#state;
    ledger.beginLockout(lockedUntilMs - rules.lockoutMs, lockedUntilMs);
  }
}
