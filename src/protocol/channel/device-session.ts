import { suite } from '#crypto';
import { equalBytes } from '../../bytes.ts';
import { recordCommand } from '../packets/index.ts';
import type { SessionKeys } from './handshake.ts';
import { RecordKey } from './record-key.ts';

/** A sealed record and its full counter, whose low bits travel in the packet command. */
export interface SealedRecord {
  readonly counter: number;
  readonly record: Uint8Array;
}

/** What a record that came in means to the dongle. */
export type RecordStep =
  /** A new request: execute it and `reply`. */
  | { readonly kind: 'request'; readonly plaintext: Uint8Array }
  /** The last request again, as the host did not hear the reply: send this reply again. */
  | { readonly kind: 'repeat'; readonly reply: SealedRecord }
  /** The last request again, while it is still being executed: the reply will come. */
  | { readonly kind: 'pending' }
  /** A new request before the last one has its reply: nothing has changed. */
  | { readonly kind: 'busy' }
  /** Not a record of this session, or altered: nothing has changed. */
  | { readonly kind: 'refused' }
  /** Another record under the last one's counter: somebody has a copy of the host's keys. */
  | { readonly kind: 'forked' }
  /** One refused record too many: the session is over. */
  | { readonly kind: 'exhausted' };

/** So many records that do not authenticate end a session. */
export const refusalLimit = 1000;

/**
 * The dongle's end of a session. Requests are counted from 0 without a gap; the reply to request n
 * is record n + 1 of the other direction, whose record 0 is the verdict. So no nonce is used twice,
 * and a reply cannot pass for that of another request.
 */
export class DeviceSession {
  readonly #receive: RecordKey;
  readonly #send: RecordKey;
  /** Counter of the next new request. */
  #next = 0;
  #lastRequest: Uint8Array | undefined;
  #lastReply: SealedRecord | undefined;
  #refusals = 0;

  constructor(keys: SessionKeys) {
    this.#receive = new RecordKey(keys.receive);
    this.#send = new RecordKey(keys.send);
  }

  /** Takes a record that came under this packet command, which carries the counter's low bits. */
  receive(command: number, record: Uint8Array): RecordStep {
    if (command === recordCommand(this.#next)) return this.#receiveNew(record);
    if (command === recordCommand(this.#next - 1)) return this.#receiveAgain(record);
    return this.#refuse();
  }

  /** Seals the verdict, or the reply to the request that `receive` gave last. Once for each. */
  reply(plaintext: Uint8Array): SealedRecord {
    if (!this.#owesReply) throw new Error('this request has its reply');
    const counter = this.#next;
    this.#lastReply = { counter, record: this.#send.seal(counter, plaintext) };
    return this.#lastReply;
  }

  #receiveNew(record: Uint8Array): RecordStep {
    if (this.#owesReply) return { kind: 'busy' };
    const plaintext = this.#receive.open(this.#next, record);
    if (plaintext === undefined) return this.#refuse();
    this.#next++;
    this.#lastRequest = suite.sha256(record);
    return { kind: 'request', plaintext };
  }

  #receiveAgain(record: Uint8Array): RecordStep {
    if (this.#lastRequest === undefined) return this.#refuse();
    if (equalBytes(suite.sha256(record), this.#lastRequest)) {
      return this.#owesReply || this.#lastReply === undefined
        ? { kind: 'pending' }
        : { kind: 'repeat', reply: this.#lastReply };
    }
    const forked = this.#receive.open(this.#next - 1, record) !== undefined;
    return forked ? { kind: 'forked' } : this.#refuse();
  }

  get #owesReply(): boolean {
    return this.#lastReply?.counter !== this.#next;
  }

  #refuse(): RecordStep {
    this.#refusals++;
    return { kind: this.#refusals < refusalLimit ? 'refused' : 'exhausted' };
  }
}
