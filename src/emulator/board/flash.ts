/** The size of a flash: the pages that can be erased, and the bytes in each. */
export interface FlashGeometry {
  readonly pageBytes: number;
  readonly pageCount: number;
}

/**
 * NOR flash as a chip has it: an erased page is all ones, programming only clears bits, and ones
 * come back only by erasing a whole page. Addresses and lengths are in bytes; an access outside the
 * chip is a fault of the firmware and throws a `RangeError`, and so is whatever the cells cannot do,
 * which throws a `FlashFault`. Neither changes a cell.
 */
export interface Flash extends FlashGeometry {
  /** A copy of `length` bytes from `address`. */
  read(address: number, length: number): Uint8Array;
  /** Clears in the cells from `address` each bit that is clear in `data`; none of them may be clear
   * where `data` has a one. */
  program(address: number, data: Uint8Array): void;
  /** Sets every bit of the page. */
  erase(page: number): void;
}

/** Geometry of the flash of the small models: 64 KiB. */
export const smallFlash: FlashGeometry = { pageBytes: 4096, pageCount: 16 };

/** Geometry of the flash of the large models: 512 KiB. */
export const largeFlash: FlashGeometry = { pageBytes: 4096, pageCount: 128 };

/** How many erases a page of the usual chips is good for. */
const usualEndurance = 10_000;

/** The firmware asked of the flash what its cells cannot do. */
export class FlashFault extends Error {
  override readonly name = 'FlashFault';
}

/** What has been done to a flash since it was made, or since its file was opened. */
export interface FlashWear {
  readonly programs: number;
  readonly programmedBytes: number;
  /** Erases of each page. */
  readonly erases: readonly number[];
}

/** What a flash in memory may be made with. */
export interface MemoryFlashOptions {
  /** What its cells hold; erased unless given. */
  readonly image?: Uint8Array;
  /** Erases that each page is good for. */
  readonly enduranceErases?: number;
}

/** Flash in memory. */
export class MemoryFlash implements Flash {
  readonly pageBytes: number;
  readonly pageCount: number;
  readonly #cells: Uint8Array;
  readonly #enduranceErases: number;
  readonly #erases: number[];
  #programs = 0;
  #programmedBytes = 0;

  constructor(
    { pageBytes, pageCount }: FlashGeometry = smallFlash,
    { image, enduranceErases = usualEndurance }: MemoryFlashOptions = {},
  ) {
    const size = pageBytes * pageCount;
    if (image !== undefined && image.length !== size) {
      throw new RangeError(`an image of ${image.length} bytes for a flash of ${size}`);
    }
    this.pageBytes = pageBytes;
    this.pageCount = pageCount;
    this.#cells = image?.slice() ?? new Uint8Array(size).fill(0xff);
    this.#enduranceErases = enduranceErases;
    this.#erases = new Array(pageCount).fill(0);
  }

  /** What has been done to it since it was made. */
  get wear(): FlashWear {
    return {
      programs: this.#programs,
      programmedBytes: this.#programmedBytes,
      erases: [...this.#erases],
    };
  }

  read(address: number, length: number): Uint8Array {
    this.#check(address, length);
    return this.#cells.slice(address, address + length);
  }

  program(address: number, data: Uint8Array): void {
    this.#check(address, data.length);
    for (let i = 0; i < data.length; i++) {
      if ((data[i] as number) & ~(this.#cells[address + i] as number)) {
        throw new FlashFault(`programming cannot set a bit, at ${address + i}: erase the page`);
      }
    }
    this.#cells.set(data, address);
    this.#programs++;
    this.#programmedBytes += data.length;
  }

  erase(page: number): void {
    this.#check(page * this.pageBytes, this.pageBytes);
    const erases = this.#erases[page] as number;
    if (erases >= this.#enduranceErases) {
      throw new FlashFault(`page ${page} is worn out after ${erases} erases`);
    }
    this.#erases[page] = erases + 1;
    this.#cells.fill(0xff, page * this.pageBytes, (page + 1) * this.pageBytes);
  }

  #check(address: number, length: number): void {
    if (!(address >= 0 && length >= 0 && address + length <= this.#cells.length)) {
      throw new RangeError(`flash access outside the chip: ${length} bytes at ${address}`);
    }
  }
}
