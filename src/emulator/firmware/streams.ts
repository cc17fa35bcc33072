import { done, type Reply, refused } from './handler.ts';
import { streamLimit } from './limits.ts';
import type { Session } from './sessions.ts';

/** What a stream does with data. The state is the engine's. */
export interface Stream {
  /** Undefined where it does not take data of this length. */
  update(data: Uint8Array): Uint8Array | undefined;
  finish(): Uint8Array;
}

interface OpenStream {
  readonly owner: Session;
  readonly stream: Stream;
}

/** Operations that are longer than a message. Each belongs to a session, and goes with it. */
export class Streams {
  readonly #open = new Map<number, OpenStream>();

  /** Keeps a stream for a session, and gives its number. */
  add(owner: Session, begin: () => Stream): Reply<number> {
    if (this.#open.size >= streamLimit) return refused('NO_SPACE');
    let number = 1;
    while (this.#open.has(number)) number++;
    this.#open.set(number, { owner, stream: begin() });
    return done(number);
  }

  /** The session's stream of that number. */
  find(owner: Session, number: number): Reply<Stream> {
    const found = this.#open.get(number);
    return found?.owner === owner ? done(found.stream) : refused('STREAM_NOT_FOUND');
  }

  remove(number: number): void {
    this.#open.delete(number);
  }

  /** Forgets all streams of a session. */
  removeAll(owner: Session): void {
    for (const [number, open] of this.#open) if (open.owner === owner) this.remove(number);
  }
}
