import type { Flash } from './flash.ts';

/** The power went away: nothing that the firmware does afterwards happens. */
export class PowerCut extends Error {
  override readonly name = 'PowerCut';
}

/**
 * Which bits still change in the operation that a power cut tears: called for each of the `count`
 * bits that were to change, in the order of their places.
 */
export type TearPattern = (bit: number, count: number) => boolean;

/**
 * Flash whose power can be cut in the middle of an operation, for tests and simulations. A torn
 * program clears some of the bits that it should clear, a torn erase sets some of those that it
 * should set; from then on everything throws a `PowerCut`, until there is power again.
 */
export class TornFlash implements Flash {
  readonly pageBytes: number;
  readonly pageCount: number;
  readonly #flash: Flash;
  #operations = 0;
  #cut: { readonly operation: number; readonly pattern: TearPattern } | undefined;
  #powered = true;

  constructor(flash: Flash) {
    this.pageBytes = flash.pageBytes;
    this.pageCount = flash.pageCount;
    this.#flash = flash;
  }

  /** Programs and erases that have begun. */
  get operations(): number {
    return this.#operations;
  }

  /** Whether it has power. */
  get powered(): boolean {
    return this.#powered;
  }

  /** Cuts the power in the program or erase that is `operations` from here; 1 is the next. */
  cutAt(operations: number, pattern: TearPattern): void {
    this.#cut = { operation: this.#operations + operations, pattern };
  }

  /** Gives it power, and forgets a cut that has not come. */
  powerOn(): void {
    this.#cut = undefined;
    this.#powered = true;
  }

  read(address: number, length: number): Uint8Array {
    this.#needPower();
    return this.#flash.read(address, length);
  }

  program(address: number, data: Uint8Array): void {
    const pattern = this.#begin();
    if (pattern === undefined) {
      this.#flash.program(address, data);
      return;
    }
    const cells = this.#flash.read(address, data.length);
    this.#flash.program(address, tear(cells, data, pattern));
    this.#powerOff();
  }

  erase(page: number): void {
    const pattern = this.#begin();
    if (pattern === undefined) {
      this.#flash.erase(page);
      return;
    }
    const address = page * this.pageBytes;
    const cells = this.#flash.read(address, this.pageBytes);
    const torn = tear(cells, new Uint8Array(this.pageBytes).fill(0xff), pattern);
    // A flash sets single bits only this way.
    this.#flash.erase(page);
    this.#flash.program(address, torn);
    this.#powerOff();
  }

  /** Counts the operation; gives the pattern if it is the one to tear. */
  #begin(): TearPattern | undefined {
    this.#needPower();
    this.#operations++;
    return this.#cut?.operation === this.#operations ? this.#cut.pattern : undefined;
  }

  #needPower(): void {
    if (!this.#powered) throw new PowerCut('the flash has no power');
  }

  #powerOff(): never {
    this.#powered = false;
    throw new PowerCut(`the power was cut in operation ${this.#operations}`);
  }
}

/** `from` with those of the bits changed to `to` that the pattern chooses. */
function tear(from: Uint8Array, to: Uint8Array, pattern: TearPattern): Uint8Array {
  const changes = from.map((byte, i) => byte ^ (to[i] as number));
  let count = 0;
  for (const change of changes) for (let bits = change; bits !== 0; bits &= bits - 1) count++;
  const torn = from.slice();
  let bit = 0;
  for (let i = 0; i < torn.length; i++) {
    for (let mask = 0x80; mask !== 0; mask >>= 1) {
      if (((changes[i] as number) & mask) === 0) continue;
      if (pattern(bit++, count)) torn[i] = (torn[i] as number) ^ mask;
    }
  }
  return torn;
}
