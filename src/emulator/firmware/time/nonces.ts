import { equalBytes } from '../../../bytes.ts';
import type { RandomSource } from '../../board/random.ts';
import type { Session } from '../sessions.ts';

interface Nonce {
  readonly bytes: Uint8Array;
  /** Powered time when it was made. */
  readonly madeMs: number;
}

/** Nonces for certified times: each session has at most one, which is good once and goes with it. */
export class Nonces {
  readonly #random: RandomSource;
  readonly #open = new Map<Session, Nonce>();

  constructor(random: RandomSource) {
    this.#random = random;
  }

  /** A new nonce of a session, in place of the one before. */
  give(session: Session, nowMs: number): Uint8Array {
    const bytes = this.#random(16);
    this.#open.set(session, { bytes, madeMs: nowMs });
    return bytes;
  }

  /** Uses the session's nonce up, if it is this one, and tells when it was made. */
  use(session: Session, bytes: Uint8Array): number | undefined {
    const nonce = this.#open.get(session);
    if (nonce === undefined || !equalBytes(nonce.bytes, bytes)) return undefined;
    this.#open.delete(session);
    return nonce.madeMs;
  }

  /** A session has ended. */
  forget(session: Session): void {
    this.#open.delete(session);
  }
}
