import type { Flash } from './flash.ts';

/**
 * What takes time on a chip, in microseconds: an nRF52840, a microcontroller of security keys whose
 * flash has the same pages of 4 KiB.
 */
export const chipTimes = {
  /** A word of 4 bytes: nRF52840 Product Specification, NVMC, t_WRITE. */
  programWordUs: 41,
  /** A page: FLASH_PAGE_ERASE_MAX_TIME_US of Zephyr for the nRF52 series. */
  erasePageUs: 89_700,
  /** SHA-256 of a block of 64 bytes in software: taken to be 40 cycles a byte at 64 MHz. */
  sha256BlockUs: 40,
} as const;

const wordBytes = 4;

/** Something that a chip did and that can be seen from outside, by its time or its current. */
export type ChipOperation =
  | { readonly kind: 'read' | 'program'; readonly address: number; readonly bytes: number }
  | { readonly kind: 'erase'; readonly page: number }
  | { readonly kind: 'sha256'; readonly blocks: number };

/** How long it takes. A read is as quick as the core, and takes none of its own. */
export function chipTimeUs(operation: ChipOperation): number {
  switch (operation.kind) {
    case 'read':
      return 0;
    case 'program': {
      const { address, bytes } = operation;
      const firstWord = Math.floor(address / wordBytes);
      return (Math.ceil((address + bytes) / wordBytes) - firstWord) * chipTimes.programWordUs;
    }
    case 'erase':
      return chipTimes.erasePageUs;
    case 'sha256':
      return operation.blocks * chipTimes.sha256BlockUs;
  }
}

/** Flash that tells what is done to it, for tests of what can be seen from outside. */
export class MeteredFlash implements Flash {
  readonly pageBytes: number;
  readonly pageCount: number;
  readonly #flash: Flash;
  readonly #tell: (operation: ChipOperation) => void;

  constructor(flash: Flash, tell: (operation: ChipOperation) => void) {
    this.pageBytes = flash.pageBytes;
    this.pageCount = flash.pageCount;
    this.#flash = flash;
    this.#tell = tell;
  }

  read(address: number, length: number): Uint8Array {
    this.#tell({ kind: 'read', address, bytes: length });
    return this.#flash.read(address, length);
  }

  program(address: number, data: Uint8Array): void {
    this.#tell({ kind: 'program', address, bytes: data.length });
    this.#flash.program(address, data);
  }

  erase(page: number): void {
    this.#tell({ kind: 'erase', page });
    this.#flash.erase(page);
  }
}
