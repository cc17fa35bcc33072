import type { RsaKey } from '../board/rsa-engine.ts';
import { rsaKeyLimit } from './limits.ts';
import type { Session } from './sessions.ts';

interface Slot {
  readonly owner: Session;
  readonly key: RsaKey;
}

/** The RSA keys in memory. Each belongs to a session, which alone can use it, and goes with it. */
export class RsaKeyRing {
  readonly #slots = new Map<number, Slot>();

  /** Whether another key fits. */
  get hasRoom(): boolean {
    return this.#slots.size < rsaKeyLimit;
  }

  /** Keeps a key and gives its number; the ring must have room. */
  add(owner: Session, key: RsaKey): number {
    let number = 1;
    while (this.#slots.has(number)) number++;
    this.#slots.set(number, { owner, key });
    return number;
  }

  /** The session's key of that number. */
  find(owner: Session, number: number): RsaKey | undefined {
    const slot = this.#slots.get(number);
    return slot?.owner === owner ? slot.key : undefined;
  }

  /** Forgets all keys of a session. */
  removeAll(owner: Session): void {
    for (const [number, slot] of this.#slots) {
      if (slot.owner === owner) this.#slots.delete(number);
    }
  }
}
