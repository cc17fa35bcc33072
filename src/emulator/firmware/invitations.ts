import { equalBytes } from '../../bytes.ts';
import { ticketBytes } from '../../protocol/channel/index.ts';
import type { RandomSource } from '../board/random.ts';
import { invitationMs } from './limits.ts';
import type { Session } from './sessions.ts';
import { shortHash } from './short-hash.ts';

interface Invitation {
  readonly hash: Uint8Array;
  readonly untilMs: number;
}

/** Invitations to one more session: each session has at most one open, which goes with it. */
export class Invitations {
  readonly #random: RandomSource;
  readonly #open = new Map<Session, Invitation>();

  constructor(random: RandomSource) {
    this.#random = random;
  }

  /** A new invitation of a session, in place of the one before. */
  give(session: Session, nowMs: number): Uint8Array {
    const invitation = this.#random(ticketBytes);
    this.#open.set(session, { hash: shortHash(invitation), untilMs: nowMs + invitationMs });
    return invitation;
  }

  /** The session that has given this invitation, while it is good. */
  find(invitation: Uint8Array, nowMs: number): Session | undefined {
    const given = shortHash(invitation);
    for (const [session, { hash, untilMs }] of this.#open) {
      if (nowMs < untilMs && equalBytes(hash, given)) return session;
    }
    return undefined;
  }

  /** The invitation of a session is good no more. */
  withdraw(session: Session): void {
    this.#open.delete(session);
  }
}
