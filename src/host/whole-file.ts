import { constants } from 'node:fs';
import { type FileHandle, open, rename, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { suite } from '#crypto';
import { toHex } from '../bytes.ts';
import { DongleError } from '../errors.ts';
import { fileErrors } from '../file-errors.ts';

/**
 * Reads a file of at most `maxBytes`.
 *
 * @throws DongleError `FILE_FAILED`, also for a longer one, of which nothing is read
 */
export async function readWhole(path: string, maxBytes: number): Promise<Uint8Array> {
  return naming('read', path, async () => {
    // A pipe in its place would keep us waiting.
    const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    try {
      const status = await file.stat();
      if (!status.isFile()) throw new Complaint('it is not a regular file');
      if (status.size > maxBytes) {
        throw new Complaint(`it is longer than ${maxBytes} bytes, so it is not what is expected`);
      }
      return new Uint8Array(await file.readFile());
    } finally {
      await file.close();
    }
  });
}

/** Makes a file that must not exist yet, mode 0600. @throws DongleError `FILE_FAILED` */
export async function createWhole(path: string, content: Uint8Array | string): Promise<void> {
  await naming('make', path, async () => {
    await write(path, content, 0o600);
    await syncFolder(dirname(path));
  });
}

/**
 * Puts a file in the place of what has that name: whoever is killed or loses power leaves the old
 * one or the new one.
 *
 * @param mode - 0644 unless given: a file to be sent to somebody
 * @throws DongleError `FILE_FAILED`
 */
export async function replaceWhole(
  path: string,
  content: Uint8Array | string,
  mode = 0o644,
): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${toHex(suite.randomBytes(4))}.tmp`);
  await naming('write', path, async () => {
    await write(temporary, content, mode);
    try {
      await rename(temporary, path);
    } catch (error) {
      await unlink(temporary).catch(() => {});
      throw error;
    }
    await syncFolder(dirname(path));
  });
}

async function write(path: string, content: Uint8Array | string, mode: number): Promise<void> {
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW = 0 } = constants;
  let file: FileHandle | undefined;
  try {
    file = await open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode);
    await file.writeFile(content);
    await file.sync();
  } catch (error) {
    if (file !== undefined) await unlink(path).catch(() => {});
    throw error;
  } finally {
    await file?.close();
  }
}

/** A name is safe when its folder has been written too. Windows does that by itself. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, constants.O_RDONLY);
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** What is wrong with a file, in words. */
class Complaint extends Error {}

const explanations: Readonly<Record<string, string>> = {
  ...fileErrors,
  EEXIST: 'it exists already',
};

/** Runs what uses a file or folder; a failure becomes a sentence that names it. */
export async function naming<Result>(
  verb: 'read' | 'make' | 'write',
  path: string,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof DongleError) throw cause;
    const code = (cause as NodeJS.ErrnoException).code ?? '';
    const reason = explanations[code] ?? (cause instanceof Error ? cause.message : String(cause));
    throw new DongleError(
      'FILE_FAILED',
      `Cannot ${verb} ${path}: ${reason}. Check the path, or give another one.`,
      { cause },
    );
  }
}
