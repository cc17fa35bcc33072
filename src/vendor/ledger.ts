import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { equalBytes, toHex } from '../bytes.ts';
import { exclusiveFlags, FileLock } from '../emulator/board/file-lock.ts';
import { DongleError } from '../errors.ts';
import { naming } from '../host/whole-file.ts';
import { DongleBook, idOf } from './dongle-book.ts';
import type { DongleEntry } from './ledger-entries.ts';

const bookEnd = '.jsonl';

/**
 * What was sent to each dongle and what came back: a folder with one file for each. One process has
 * it at a time, as two would issue two updates with one number.
 */
export class Ledger implements AsyncDisposable {
  readonly #folder: string;
  readonly #file: FileHandle;
  readonly #lock: FileLock;
  readonly #books: DongleBook[];

  private constructor(folder: string, file: FileHandle, lock: FileLock, books: DongleBook[]) {
    this.#folder = folder;
    this.#file = file;
    this.#lock = lock;
    this.#books = books;
  }

  /**
   * Opens the ledger in a folder, which is made if there is none.
   *
   * @throws DongleError `FILE_FAILED`, also where another process has it or a file is damaged
   */
  static async open(folder: string): Promise<Ledger> {
    return naming('read', folder, async () => {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const path = join(folder, 'lock');
      const { O_RDWR, O_CREAT, O_NOFOLLOW = 0 } = constants;
      const file = await open(path, O_RDWR | O_CREAT | O_NOFOLLOW | exclusiveFlags, 0o600).catch(
        (error) => {
          throw ['EAGAIN', 'EBUSY'].includes(error.code) ? inUse(folder) : error;
        },
      );
      const lock = FileLock.take(file.fd);
      if (lock === undefined) {
        await file.close();
        throw inUse(folder);
      }
      try {
        return new Ledger(folder, file, lock, await readBooks(folder));
      } catch (error) {
        lock.release();
        await file.close();
        throw error;
      }
    });
  }

  /** All dongles that are known. */
  get books(): readonly DongleBook[] {
    return this.#books;
  }

  /** A dongle by its id, if it is known. */
  find(id: Uint8Array): DongleBook | undefined {
    return this.#books.find((book) => equalBytes(book.id, id));
  }

  /**
   * A dongle by its serial.
   *
   * @throws DongleError `NOT_FOUND` for one that is not known, `AMBIGUOUS_DONGLE` where two vendors
   * have given that serial
   */
  bySerial(serial: string): DongleBook {
    const [book, other] = this.#books.filter(({ dongle }) => dongle.serial === serial);
    if (book === undefined) {
      throw new DongleError(
        'NOT_FOUND',
        `The ledger has no dongle ${serial}: check the serial, or begin with a context of it ("latchkey context").`,
      );
    }
    if (other !== undefined) {
      throw new DongleError(
        'AMBIGUOUS_DONGLE',
        `The ledger has two dongles ${serial}, of vendors ${book.dongle.vendor} and ${other.dongle.vendor}; give a context of the one that is meant.`,
      );
    }
    return book;
  }

  /** The book of a dongle, begun if there is none. @throws DongleError `FILE_FAILED` */
  async bookOf(dongle: DongleEntry, at: string): Promise<DongleBook> {
    const id = idOf(dongle);
    const known = this.find(id);
    if (known !== undefined) return known;
    // The serial is for people: what is no letter or digit in it might mean something in a path.
    const name = `${dongle.serial.replace(/[^A-Za-z0-9-]/g, '_')}-${toHex(id).slice(0, 16)}`;
    const book = await DongleBook.create(join(this.#folder, name + bookEnd), dongle, at);
    this.#books.push(book);
    return book;
  }

  /** Lets another process have it. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#lock.release();
    await this.#file.close();
  }
}

async function readBooks(folder: string): Promise<DongleBook[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(bookEnd)).sort();
  const books: DongleBook[] = [];
  for (const name of names) {
    const book = await DongleBook.open(join(folder, name));
    if (book !== undefined) books.push(book);
  }
  return books;
}

function inUse(folder: string): DongleError {
  return new DongleError(
    'FILE_FAILED',
    `Another program has the ledger in ${folder}; wait until it has ended, and try again.`,
  );
}
