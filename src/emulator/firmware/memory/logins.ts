import { equalBytes } from '../../../bytes.ts';
import type { LoginRole } from '../../../protocol/partitions.ts';
import type { StoreReader } from '../store/draft.ts';
import { findPartition } from './partition.ts';
import { storedPassword } from './password.ts';

interface Login {
  readonly role: LoginRole;
  /** The password as it was stored at the login. */
  readonly password: Uint8Array;
}

/**
 * To which partitions a session has logged in, and as whom. A login is good for as long as the
 * password that it was made with: it ends when that is set anew or its partition is removed, by
 * whichever session or update.
 */
export class Logins {
  readonly #store: StoreReader;
  /** By the slot of the partition, so that there are never more than partitions. */
  readonly #logins = new Map<number, Login>();

  constructor(store: StoreReader) {
    this.#store = store;
  }

  /** As whom the session is logged in to an application's partition. */
  get(application: number): LoginRole | undefined {
    const slot = findPartition(this.#store, application)?.slot;
    const login = slot === undefined ? undefined : this.#logins.get(slot);
    if (slot === undefined || login === undefined) return undefined;
    const password = storedPassword(this.#store, slot, login.role);
    return password !== undefined && equalBytes(password, login.password) ? login.role : undefined;
  }

  /** Whether the session may do what needs this role: the administrator may do all that the user may. */
  allows(application: number, needs: LoginRole): boolean {
    const role = this.get(application);
    return role === 'administrator' || role === needs;
  }

  /** The session has shown the password of the partition. */
  set(application: number, role: LoginRole): void {
    const slot = findPartition(this.#store, application)?.slot;
    const password = slot === undefined ? undefined : storedPassword(this.#store, slot, role);
    if (slot !== undefined && password !== undefined) this.#logins.set(slot, { role, password });
  }

  delete(application: number): void {
    const slot = findPartition(this.#store, application)?.slot;
    if (slot !== undefined) this.#logins.delete(slot);
  }
}
