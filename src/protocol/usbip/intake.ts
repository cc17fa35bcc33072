import { noBytes } from '../../bytes.ts';

/**
 * Cuts a stream that comes in pieces of any size into the runs of bytes that are asked for. What it
 * holds is what was pushed and not yet taken, and at most one unfinished run.
 */
export class Intake {
  #chunks: Uint8Array[] = [];
  /** Bytes of the first chunk that have been taken. */
  #taken = 0;
  #run: Uint8Array | undefined;
  #filled = 0;

  /** Takes the next piece of the stream; it must not change until it has been used up. */
  push(chunk: Uint8Array): void {
    if (chunk.length > 0) this.#chunks.push(chunk);
  }

  /**
   * The next `byteCount` bytes, in memory of their own, or undefined while they have not all come.
   * Then the same count has to be asked for again.
   */
  take(byteCount: number): Uint8Array | undefined {
    if (byteCount === 0) return noBytes;
    this.#run ??= new Uint8Array(byteCount);
    const run = this.#run;
    for (let chunk = this.#chunks[0]; chunk !== undefined; chunk = this.#chunks[0]) {
      const part = chunk.subarray(this.#taken, this.#taken + run.length - this.#filled);
      run.set(part, this.#filled);
      this.#filled += part.length;
      this.#taken += part.length;
      if (this.#taken === chunk.length) {
        this.#chunks.shift();
        this.#taken = 0;
      }
      if (this.#filled === run.length) {
        this.#run = undefined;
        this.#filled = 0;
        return run;
      }
    }
    return undefined;
  }
}
