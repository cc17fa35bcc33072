import { noBytes } from '../../bytes.ts';
import type { SealedRecord } from './device-session.ts';
import type { SessionKeys } from './handshake.ts';
import { RecordKey, sealBytes } from './record-key.ts';

/**
 * The host's end of a session; see `DeviceSession` for the counters. Sealing takes its counter
 * before anything else can happen, so callers that run at once can never share one.
 */
export class HostSession {
  readonly #receive: RecordKey;
  readonly #send: RecordKey;
  /** Counter of the next request. */
  #next = 0;
  /** The record sealed last: there is one request under way at a time. It grows to the longest. */
  #record = noBytes;

  constructor(keys: SessionKeys) {
    this.#receive = new RecordKey(keys.receive);
    this.#send = new RecordKey(keys.send);
  }

  /**
   * Seals the next request. To ask again, send the same record again; never seal it anew. The
   * record is valid until the next is sealed.
   */
  seal(plaintext: Uint8Array): SealedRecord {
    const counter = this.#next++;
    const length = plaintext.length + sealBytes;
    if (length > this.#record.length) this.#record = new Uint8Array(2 * length);
    return { counter, record: this.#send.seal(counter, plaintext, this.#record) };
  }

  /**
   * Opens the reply to the request sealed last, or the verdict before any; undefined when it is not
   * that, and then nothing has changed.
   */
  open(record: Uint8Array): Uint8Array | undefined {
    return this.#receive.open(this.#next, record);
  }
}
