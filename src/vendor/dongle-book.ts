import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { suite } from '#crypto';
import { equalBytes, fromHex, toHex } from '../bytes.ts';
import { DongleError } from '../errors.ts';
import { naming, syncFolder } from '../host/whole-file.ts';
import { openSign1 } from '../protocol/cose.ts';
import { decode } from '../protocol/schema/index.ts';
import { noUpdate, type Update, updateIdOf, updateSchema } from '../protocol/updates/index.ts';
import {
  type DongleEntry,
  decodeLines,
  encodeLine,
  type LedgerEntry,
  type SealedEntry,
  type SeenEntry,
  type UpdateEntry,
} from './ledger-entries.ts';

/** An update that is in the ledger. */
export interface IssuedUpdate extends Omit<UpdateEntry, 'kind' | 'signed'> {
  readonly at: string;
  readonly update: Update;
  readonly signed: Uint8Array;
}

/** No file of a ledger is longer, in bytes. */
const longestFile = 256 * 1024 * 1024;

/** The updates of one dongle and what it said to them: one file, to which lines are only added. */
export class DongleBook {
  readonly path: string;
  /** Who the dongle is. */
  readonly dongle: DongleEntry;
  #issued: readonly IssuedUpdate[] = [];
  #seen: readonly SeenEntry[] = [];
  #withdrawn: readonly IssuedUpdate[] = [];
  #sealed: readonly SealedEntry[] = [];
  #sum: string;
  #length: number;

  private constructor(path: string, dongle: DongleEntry, sum: string, length: number) {
    this.path = path;
    this.dongle = dongle;
    this.#sum = sum;
    this.#length = length;
  }

  /** Begins the book of a dongle. @throws DongleError `FILE_FAILED` */
  static async create(path: string, dongle: DongleEntry, at: string): Promise<DongleBook> {
    const book = new DongleBook(path, dongle, '', 0);
    await book.append({ at, ...dongle });
    return book;
  }

  /**
   * Reads a dongle's book; undefined where not even its first line was written.
   *
   * @throws DongleError `FILE_FAILED`, also for one that is damaged
   */
  static async open(path: string): Promise<DongleBook | undefined> {
    const text = await naming('read', path, async () => {
      const file = await open(path, constants.O_RDONLY);
      try {
        if ((await file.stat()).size > longestFile) throw damaged(path);
        return await file.readFile('utf8');
      } finally {
        await file.close();
      }
    });
    const read = decodeLines(text);
    const [first, ...others] = read?.entries ?? [];
    if (read === undefined) throw damaged(path);
    if (first === undefined) return undefined;
    if (first.kind !== 'dongle') throw damaged(path);
    const book = new DongleBook(path, first, read.sum, read.length);
    for (const entry of others) book.#take(entry);
    return book;
  }

  /** The dongle's id: the SHA-256 of its static key. */
  get id(): Uint8Array {
    return idOf(this.dongle);
  }

  /** X25519: what no context answers is sealed to it. */
  get staticKey(): Uint8Array {
    return fromHex(this.dongle.staticKey);
  }

  /** Updates that count, by their numbers from 1 on. */
  get issued(): readonly IssuedUpdate[] {
    return this.#issued;
  }

  /** Contexts and receipts, as they came. */
  get seen(): readonly SeenEntry[] {
    return this.#seen;
  }

  /** Updates that were taken back. */
  get withdrawn(): readonly IssuedUpdate[] {
    return this.#withdrawn;
  }

  /** Files that were made. */
  get sealed(): readonly SealedEntry[] {
    return this.#sealed;
  }

  /** The number of the last update that the dongle is known to have applied; 0 for none. */
  get confirmed(): number {
    return Math.max(0, ...this.#seen.map(({ number }) => number));
  }

  /** Writes an entry: when this returns, it is on the disk. @throws DongleError `FILE_FAILED` */
  async append(entry: LedgerEntry): Promise<void> {
    // What could not be read again is not written.
    if (entry.kind === 'update') this.#open(entry);
    const { line, sum } = encodeLine(entry, this.#sum);
    const bytes = Buffer.from(line);
    const isNew = this.#length === 0;
    await naming('write', this.path, async () => {
      const { O_RDWR, O_CREAT, O_NOFOLLOW = 0 } = constants;
      const file = await open(this.path, O_RDWR | O_CREAT | O_NOFOLLOW, 0o600);
      try {
        // What somebody who died has left behind the last line.
        await file.truncate(this.#length);
        await writeAll(file, bytes, this.#length);
        await file.sync();
      } finally {
        await file.close();
      }
      if (isNew) await syncFolder(dirname(this.path));
    });
    this.#sum = sum;
    this.#length += bytes.length;
    this.#take(entry);
  }

  #take(entry: LedgerEntry): void {
    switch (entry.kind) {
      case 'dongle':
        return;
      case 'context':
      case 'receipt':
        this.#seen = [...this.#seen, entry];
        return;
      case 'update':
        this.#issued = [...this.#issued, this.#open(entry)];
        return;
      case 'sealed':
        this.#sealed = [...this.#sealed, entry];
        return;
      case 'withdrawn': {
        const kept = this.#issued.filter(({ number }) => number < entry.from);
        this.#withdrawn = [...this.#withdrawn, ...this.#issued.slice(kept.length)];
        this.#issued = kept;
        return;
      }
      default:
        throw damaged(this.path);
    }
  }

  /** The update as it was signed, which must be the next one of this dongle. */
  #open({ kind: _, signed: encoded, ...entry }: LedgerEntry & UpdateEntry): IssuedUpdate {
    const signed = new Uint8Array(Buffer.from(encoded, 'base64'));
    const sign1 = openSign1(signed);
    const update = sign1.ok ? decode(updateSchema, sign1.value.payload) : sign1;
    if (!sign1.ok || !update.ok) throw damaged(this.path);
    const { number, previous } = update.value;
    const last = this.#issued.at(-1);
    const follows =
      number === (last?.number ?? 0) + 1 &&
      number === entry.number &&
      equalBytes(previous, last === undefined ? noUpdate : fromHex(last.id)) &&
      toHex(updateIdOf(sign1.value.payload)) === entry.id;
    if (!follows) throw damaged(this.path);
    return { ...entry, update: update.value, signed };
  }
}

/** How updates name a dongle. */
export function idOf({ staticKey }: DongleEntry): Uint8Array {
  return suite.sha256(fromHex(staticKey));
}

async function writeAll(file: FileHandle, bytes: Uint8Array, from: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, from + done);
    done += bytesWritten;
  }
}

function damaged(path: string): DongleError {
  return new DongleError(
    'FILE_FAILED',
    `${path} is damaged or was altered: put a copy of it back, as updates must not be issued twice.`,
  );
}
