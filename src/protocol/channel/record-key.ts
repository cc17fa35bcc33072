import { type TransportKey, tagBytes } from '../noise/index.ts';

/** A new key is derived after this many records of one direction. */
export const recordsPerKey = 2 ** 16;

/** Records of the key before that can still be opened, counted back from the newest. */
const recordsBack = 32;

/** Bytes that sealing adds to a plaintext. */
export const sealBytes = tagBytes;

/**
 * The key of one direction. The counter of a record is its nonce and chooses its key: record
 * 65,536 and those after it use the key that Noise's REKEY (§4.2) makes of the first, and so on.
 * Counters of one direction may go back a little: the key before opens records until a record well
 * into the new key has been opened.
 */
export class RecordKey {
  #key: TransportKey;
  #generation = 0;
  /** The key of the generation before, while its last records may still be asked about. */
  #before: TransportKey | undefined;

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
    if (ahead === -1) return this.#before?.open(counter, record);
    if (ahead < 0 || ahead > 1) return undefined;
    const key = ahead === 0 ? this.#key : this.#key.rekeyed();
    const plaintext = key.open(counter, record);
    if (plaintext === undefined) return undefined;
    if (ahead === 1) {
      this.#before = this.#key;
      this.#advance(key);
    } else if (counter % recordsPerKey >= recordsBack) {
      this.#before = undefined;
    }
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
