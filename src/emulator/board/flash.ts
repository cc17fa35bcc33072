/**
 * NOR flash as a chip has it: an erased page is all ones, programming only clears bits, and ones
 * come back only by erasing a whole page. Addresses and lengths are in bytes; an access outside the
 * chip is a fault of the firmware and throws a `RangeError`.
 */
export interface Flash {
  readonly pageBytes: number;
  readonly pageCount: number;
  /** A copy of `length` bytes from `address`. */
  read(address: number, length: number): Uint8Array;
  /** Clears in the cells from `address` each bit that is clear in `data`. */
  program(address: number, data: Uint8Array): void;
  /** Sets every bit of the page. */
  erase(page: number): void;
}

/** Geometry of the flash of the small models: 16 pages of 4,096 bytes. */
export const smallFlash = { pageBytes: 4096, pageCount: 16 } as const;

/** Flash in memory, erased when made. */
export class MemoryFlash implements Flash {
  readonly pageBytes: number;
  readonly pageCount: number;
  readonly #cells: Uint8Array;

  constructor(geometry: { pageBytes: number; pageCount: number } = smallFlash) {
    this.pageBytes = geometry.pageBytes;
    this.pageCount = geometry.pageCount;
    this.#cells = new Uint8Array(geometry.pageBytes * geometry.pageCount).fill(0xff);
  }

  read(address: number, length: number): Uint8Array {
    this.#check(address, length);
    return this.#cells.slice(address, address + length);
  }

  program(address: number, data: Uint8Array): void {
    this.#check(address, data.length);
    for (let i = 0; i < data.length; i++) {
      this.#cells[address + i] = (this.#cells[address + i] as number) & (data[i] as number);
    }
  }

  erase(page: number): void {
    this.#check(page * this.pageBytes, this.pageBytes);
    this.#cells.fill(0xff, page * this.pageBytes, (page + 1) * this.pageBytes);
  }

  #check(address: number, length: number): void {
    if (!(address >= 0 && length >= 0 && address + length <= this.#cells.length)) {
      throw new RangeError(`flash access outside the chip: ${length} bytes at ${address}`);
    }
  }
}
