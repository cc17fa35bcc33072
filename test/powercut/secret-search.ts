import { toHex } from '../../src/bytes.ts';

/** So many bytes of a secret must not be found again, from any multiple of their number on. */
const windowBytes = 8;

/** Which pairs of bytes a window begins with; all zeros between searches, of which there are many. */
const beginnings = new Uint8Array(0x1_0000);

/** Looks for parts of secrets. */
export class SecretSearch {
  /** In hexadecimal. */
  readonly secrets: readonly string[];
  readonly #windows = new Set<string>();
  readonly #pairs: readonly number[];

  constructor(secrets: readonly string[]) {
    this.secrets = secrets;
    for (const secret of secrets) {
      for (let at = 0; at + 2 * windowBytes <= secret.length; at += 2 * windowBytes) {
        this.#windows.add(secret.slice(at, at + 2 * windowBytes));
      }
    }
    this.#pairs = Array.from(this.#windows, (window) => Number.parseInt(window.slice(0, 4), 16));
  }

  /** Where in the cells there is one. */
  findIn(cells: Uint8Array): number | undefined {
    for (const pair of this.#pairs) beginnings[pair] = 1;
    const found = this.#find(cells);
    for (const pair of this.#pairs) beginnings[pair] = 0;
    return found;
  }

  #find(cells: Uint8Array): number | undefined {
    let pair = 0;
    for (let i = 0; i < cells.length; i++) {
      pair = ((pair << 8) | (cells[i] as number)) & 0xffff;
      if (beginnings[pair] !== 0 && this.#isAt(cells, i - 1)) return i - 1;
    }
    return undefined;
  }

  #isAt(cells: Uint8Array, at: number): boolean {
    return at >= 0 && this.#windows.has(toHex(cells.subarray(at, at + windowBytes)));
  }
}
