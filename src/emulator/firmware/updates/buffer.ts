import { maxUpdateBytes } from '../../../protocol/updates/index.ts';
import { done, type Reply, refused } from '../handler.ts';
import { idleSessionMs } from '../limits.ts';
import type { Session } from '../sessions.ts';

/** An update file, and what is around its sealed part. */
const mostFileBytes = maxUpdateBytes + 512;

type State =
  | { readonly kind: 'free' }
  /** A session puts a file together. */
  | {
      readonly kind: 'filling';
      readonly owner: Session;
      readonly file: Uint8Array;
      filledBytes: number;
    }
  /** The file is being applied, whoever still waits for that. */
  | { readonly kind: 'taken' };

const free: State = { kind: 'free' };

/** Where an update file is put together: one for the whole device. */
export class UpdateBuffer {
  readonly #now: () => number;
  #state: State = free;

  /** @param now - the clock of sessions, in milliseconds */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Makes room for a file; another session has it for as long as it goes on. */
  begin(owner: Session, size: number): Reply<object> {
    if (size === 0 || size > mostFileBytes) return refused('INVALID_ARGUMENT');
    if (!this.#isFreeFor(owner)) return refused('BUSY');
    this.#state = { kind: 'filling', owner, file: new Uint8Array(size), filledBytes: 0 };
    return done({});
  }

  /** Takes the next part; parts come in their order, and none twice. */
  write(owner: Session, offset: number, data: Uint8Array): Reply<object> {
    const state = this.#state;
    if (state.kind !== 'filling' || state.owner !== owner) return refused('INVALID_ARGUMENT');
    if (offset !== state.filledBytes || data.length > state.file.length - offset) {
      return refused('INVALID_ARGUMENT');
    }
    state.file.set(data, offset);
    state.filledBytes += data.length;
    return done({});
  }

  /** Gives the whole file, to be applied; `release` must follow. */
  take(owner: Session): Reply<Uint8Array> {
    const state = this.#state;
    if (state.kind !== 'filling' || state.owner !== owner) return refused('INVALID_ARGUMENT');
    if (state.filledBytes !== state.file.length) return refused('INVALID_ARGUMENT');
    this.#state = { kind: 'taken' };
    return done(state.file);
  }

  /** The file that was taken is not needed any more. */
  release(): void {
    this.#state = free;
  }

  /** A session has ended. */
  forget(owner: Session): void {
    if (this.#state.kind === 'filling' && this.#state.owner === owner) this.#state = free;
  }

  #isFreeFor(session: Session): boolean {
    const state = this.#state;
    if (state.kind !== 'filling') return state.kind === 'free';
    // A program that hangs must not keep others from their updates.
    return state.owner === session || this.#now() - state.owner.usedMs >= idleSessionMs;
  }
}
