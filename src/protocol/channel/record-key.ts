import { type TransportKey, tagBytes } from '../noise/index.ts';

/** A new key is derived after this many records of one direction. */
export const recordsPerKey = 2 ** 16;

/** Bytes that sealing adds to a plaintext. */
export const sealBytes = tagBytes;

/**
 * The key of one direction. The counter of a record is its nonce and chooses its key: record
 * 65,536 and those after it use the key that Noise's REKEY (§4.2) makes of the first, and so on.
 * Counters of one direction never go back by more than one record.
 */
export class RecordKey {
  #key: TransportKey;
  #generation = 0;

  constructor(key: TransportKey) {
    this.#key = key;
  }

  /**
   * Seals a record under a counter that no other record of this direction has or will have, into
   * `out` if given.
   */
  seal(counter: number, plaintext: Uint8Array, out?: Uint8Array): Uint8Array {
    while (this.#generation < generationOf(counter)) this.#advance(this.#key.rekeyed());
    return this.#key.seal(counter, plaintext, out);
  }

  /** The plaintext of a record, or undefined, and then nothing has changed. */
  open(counter: number, record: Uint8Array): Uint8Array | undefined {
    const ahead = generationOf(counter) - this.#generation;
    if (ahead < 0 || ahead > 1) return undefined;
    const key = ahead === 0 ? this.#key : this.#key.rekeyed();
    const plaintext = key.open(counter, record);
    if (ahead === 1 && plaintext !== undefined) this.#advance(key);
    return plaintext;
  }

  #advance(key: TransportKey): void {
    this.#key = key;
    this.#generation++;
  }
}

function generationOf(counter: number): number {
  return Math.floor(counter / recordsPerKey);
}
