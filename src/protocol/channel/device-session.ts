import { suite } from '#crypto';
import { equalBytes } from '../../bytes.ts';
import { recordCommand, recordCounterBits } from '../packets/index.ts';
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
  /** Another record under a used counter: somebody has a copy of the host's keys. */
  | { readonly kind: 'forked' };

/** Of so many records, the last ones taken, another record under the same counter is noticed. */
export const recordMemory = 31;

/** Bytes of a record's hash that are kept. */
const hashBytes = 16;

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
  /** Hashes of the last records taken, by their counters modulo `recordMemory`. */
  readonly #taken: Uint8Array[] = [];
  #lastReply: SealedRecord | undefined;

  constructor(keys: SessionKeys) {
    this.#receive = new RecordKey(keys.receive);
    this.#send = new RecordKey(keys.send);
  }

  /** Takes a record that came under this packet command, which carries the counter's low bits. */
  receive(command: number, record: Uint8Array): RecordStep {
    if (command === recordCommand(this.#next)) return this.#receiveNew(record);
    // The other 31 values of the five bits each name one of the records before.
    const back = recordCounterBits(recordCommand(this.#next) - command);
    return this.#receiveAgain(this.#next - back, record);
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
    if (plaintext === undefined) return refused;
    this.#taken[this.#next % recordMemory] = hashOf(record);
    this.#next++;
    return { kind: 'request', plaintext };
  }

  #receiveAgain(counter: number, record: Uint8Array): RecordStep {
    if (counter < 0) return refused;
    if (equalBytes(hashOf(record), this.#taken[counter % recordMemory] as Uint8Array)) {
      if (counter < this.#next - 1) return refused;
      return this.#owesReply || this.#lastReply === undefined
        ? { kind: 'pending' }
        : { kind: 'repeat', reply: this.#lastReply };
    }
    return this.#receive.open(counter, record) === undefined ? refused : { kind: 'forked' };
  }

  get #owesReply(): boolean {
    return this.#lastReply?.counter !== this.#next;
  }
}

const refused: RecordStep = { kind: 'refused' };

function hashOf(record: Uint8Array): Uint8Array {
  return suite.sha256(record).slice(0, hashBytes);
}
