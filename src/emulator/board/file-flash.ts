import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  openSync,
  readSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { DongleError } from '../../errors.ts';
import { fileErrors } from '../../file-errors.ts';
import { exclusiveFlags, FileLock } from './file-lock.ts';
import {
  type Flash,
  type FlashGeometry,
  type FlashWear,
  largeFlash,
  MemoryFlash,
  smallFlash,
} from './flash.ts';

/**
 * Flash that lives in a file: its raw cells and nothing else, so that the file is as large as the
 * chip. Each change is written through before the call returns. One file is open once at a time, in
 * one process: two dongles in it would destroy each other.
 */
export class FileFlash implements Flash {
  readonly pageBytes: number;
  readonly pageCount: number;
  readonly #file: number;
  readonly #lock: FileLock;
  readonly #cells: MemoryFlash;

  private constructor(file: number, lock: FileLock, cells: MemoryFlash) {
    this.pageBytes = cells.pageBytes;
    this.pageCount = cells.pageCount;
    this.#file = file;
    this.#lock = lock;
    this.#cells = cells;
  }

  /**
   * Opens the flash in an existing file, without following a symbolic link.
   *
   * @throws DongleError `FILE_FAILED` where the file cannot be opened or is open already,
   * `FLASH_INVALID` where it cannot be the flash of a dongle. The file is left as it is.
   */
  static open(path: string): FileFlash {
    const flags = constants.O_RDWR | constants.O_NOFOLLOW | exclusiveFlags;
    return FileFlash.#holding(path, openFile(path, flags), (file) => {
      const status = fstatSync(file);
      const geometry = geometries.find((each) => sizeOf(each) === status.size);
      if (!status.isFile() || geometry === undefined) {
        throw new DongleError(
          'FLASH_INVALID',
          `${path} is not the flash of a dongle: that is a file of exactly ${geometries.map(sizeOf).join(' or ')} bytes. Give another file, or a new name to make a new dongle.`,
        );
      }
      return new MemoryFlash(geometry, { image: readWhole(file, status.size) });
    });
  }

  /**
   * Makes the file (mode 0600), with erased flash in it or with a copy of `image`.
   *
   * @throws DongleError `FILE_FAILED` where the file exists already or cannot be made.
   */
  static create(path: string, image: Flash = new MemoryFlash()): FileFlash {
    const size = sizeOf(image);
    if (!geometries.some((each) => sizeOf(each) === size)) {
      throw new RangeError(`no flash in a file has ${size} bytes`);
    }
    const flags = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
    const file = openFile(path, flags | exclusiveFlags);
    try {
      return FileFlash.#holding(path, file, () => {
        const cells = image.read(0, size);
        writeThrough(file, 0, cells);
        syncFolder(path);
        return new MemoryFlash(image, { image: cells });
      });
    } catch (error) {
      // Half a dongle is none.
      unlinkSync(path);
      throw error;
    }
  }

  /** Locks the file for the flash with the cells that `prepare` gives; closes it when that fails. */
  static #holding(path: string, file: number, prepare: (file: number) => MemoryFlash): FileFlash {
    let lock: FileLock | undefined;
    try {
      lock = FileLock.take(file);
      if (lock === undefined) throw inUse(path);
      return new FileFlash(file, lock, prepare(file));
    } catch (error) {
      lock?.release();
      closeSync(file);
      throw error;
    }
  }

  /** What has been done to it since it was opened. */
  get wear(): FlashWear {
    return this.#cells.wear;
  }

  read(address: number, length: number): Uint8Array {
    return this.#cells.read(address, length);
  }

  program(address: number, data: Uint8Array): void {
    this.#cells.program(address, data);
    this.#writeThrough(address, data.length);
  }

  erase(page: number): void {
    this.#cells.erase(page);
    this.#writeThrough(page * this.pageBytes, this.pageBytes);
  }

  /** Closes the file, which another may open from then on; the flash is of no use afterwards. */
  close(): void {
    closeSync(this.#file);
    this.#lock.release();
  }

  #writeThrough(address: number, length: number): void {
    writeThrough(this.#file, address, this.#cells.read(address, length));
  }
}

/** What a flash in a file may be; its size tells which it is. */
const geometries: readonly FlashGeometry[] = [smallFlash, largeFlash];

function sizeOf({ pageBytes, pageCount }: FlashGeometry): number {
  return pageBytes * pageCount;
}

function writeThrough(file: number, address: number, bytes: Uint8Array): void {
  try {
    // The system may take less than all at once.
    for (let done = 0; done < bytes.length; ) {
      done += writeSync(file, bytes, done, bytes.length - done, address + done);
    }
    fsyncSync(file);
  } catch (cause) {
    throw new DongleError(
      'FILE_FAILED',
      `Cannot write the flash file: ${reasonOf(cause)}. Make room, or give another place.`,
      { cause },
    );
  }
}

/** Makes the name of a new file as durable as the file. */
function syncFolder(path: string): void {
  // Windows opens no folders, and needs none of this.
  if (process.platform === 'win32') return;
  const folder = openFile(dirname(path), constants.O_RDONLY);
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

function readWhole(file: number, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  for (let done = 0; done < size; ) {
    const count = readSync(file, bytes, done, size - done, done);
    if (count === 0) throw new DongleError('FLASH_INVALID');
    done += count;
  }
  return bytes;
}

const explanations: Readonly<Record<string, string>> = {
  ...fileErrors,
  EEXIST: 'it exists already, or is a symbolic link, which latchkey does not follow',
  EFBIG: 'the file may not be so large',
};

function reasonOf(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
  return explanations[code] ?? code;
}

function openFile(path: string, flags: number): number {
  try {
    return openSync(path, flags, 0o600);
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause) {
      if (cause.code === 'EAGAIN' || cause.code === 'EBUSY') throw inUse(path, cause);
    }
    throw new DongleError(
      'FILE_FAILED',
      `Cannot open ${path}: ${reasonOf(cause)}. Check the path and its permissions.`,
      { cause },
    );
  }
}

function inUse(path: string, cause?: unknown): DongleError {
  return new DongleError(
    'FILE_FAILED',
    `${path} is in use: the dongle in it runs already. Stop that one first, or give another file.`,
    { cause },
  );
}
