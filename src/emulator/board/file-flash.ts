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
import { DongleError } from '../../errors.ts';
import { type Flash, MemoryFlash, smallFlash } from './flash.ts';

/**
 * Flash that lives in a file: its raw cells and nothing else, so that the file is as large as the
 * chip. Each change is written through before the call returns.
 */
export class FileFlash implements Flash {
  readonly pageBytes = smallFlash.pageBytes;
  readonly pageCount = smallFlash.pageCount;
  readonly #file: number;
  readonly #cells = new MemoryFlash(smallFlash);

  private constructor(file: number) {
    this.#file = file;
  }

  /**
   * Opens the flash in an existing file, without following a symbolic link.
   *
   * @throws DongleError `FILE_FAILED` where the file cannot be opened, `FLASH_INVALID` where it
   * cannot be the flash of a dongle. The file is left as it is.
   */
  static open(path: string): FileFlash {
    const file = openFile(path, constants.O_RDWR | constants.O_NOFOLLOW);
    const flash = new FileFlash(file);
    const size = flash.pageBytes * flash.pageCount;
    const status = fstatSync(file);
    if (!status.isFile() || status.size !== size) {
      closeSync(file);
      throw new DongleError(
        'FLASH_INVALID',
        `${path} is not the flash of a dongle: that is a file of exactly ${size} bytes. Give another file, or a new name to make a new dongle.`,
      );
    }
    flash.#cells.program(0, readWhole(file, size));
    return flash;
  }

  /**
   * Makes the file (mode 0600), with erased flash in it or with a copy of `image`.
   *
   * @throws DongleError `FILE_FAILED` where the file exists already or cannot be made.
   */
  static create(path: string, image: Flash = new MemoryFlash()): FileFlash {
    const flags = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
    const flash = new FileFlash(openFile(path, flags));
    try {
      flash.program(0, image.read(0, flash.pageBytes * flash.pageCount));
    } catch (error) {
      // Half a dongle is none.
      flash.close();
      unlinkSync(path);
      throw error;
    }
    return flash;
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

  /** Closes the file; the flash is of no use afterwards. */
  close(): void {
    closeSync(this.#file);
  }

  #writeThrough(address: number, length: number): void {
    const bytes = this.#cells.read(address, length);
    try {
      // The system may take less than all at once.
      for (let done = 0; done < length; ) {
        done += writeSync(this.#file, bytes, done, length - done, address + done);
      }
      fsyncSync(this.#file);
    } catch (cause) {
      throw new DongleError(
        'FILE_FAILED',
        `Cannot write the flash file: ${reasonOf(cause)}. Make room, or give another place.`,
        { cause },
      );
    }
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
  ENOENT: 'there is no such file or folder',
  ENOTDIR: 'a part of its path is not a folder',
  EACCES: 'you may not open it',
  EPERM: 'you may not open it',
  EROFS: 'the disk is read-only',
  EISDIR: 'it is a folder',
  ELOOP: 'it is a symbolic link, which latchkey does not follow',
  EEXIST: 'it exists already, or is a symbolic link, which latchkey does not follow',
  ENOSPC: 'the disk is full',
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
    throw new DongleError(
      'FILE_FAILED',
      `Cannot open ${path}: ${reasonOf(cause)}. Check the path and its permissions.`,
      { cause },
    );
  }
}
