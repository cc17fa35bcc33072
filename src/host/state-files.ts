import { constants } from 'node:fs';
import {
  type FileHandle,
  link,
  mkdir,
  open,
  readdir,
  rename,
  rm,
  stat,
  unlink,
} from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { suite } from '#crypto';
import { toHex } from '../bytes.ts';
import { DongleError } from '../errors.ts';
import { fileErrors } from '../file-errors.ts';

/** No file of ours is longer, in bytes. */
const longestFile = 1024;
/** A temporary file that is older was left behind by a program that has died. */
const temporaryMs = 60_000;
const temporaryEnd = '.tmp';

/** Where the runtime of this machine keeps its key and its tickets. */
export function defaultStateFolder(
  environment: Readonly<Record<string, string | undefined>> = process.env,
  platform: NodeJS.Platform = process.platform,
): string {
  const { LATCHKEY_STATE, XDG_STATE_HOME, LOCALAPPDATA } = environment;
  if (LATCHKEY_STATE) return LATCHKEY_STATE;
  if (platform === 'win32' && LOCALAPPDATA) return join(LOCALAPPDATA, 'latchkey');
  if (platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'latchkey');
  return join(XDG_STATE_HOME || join(homedir(), '.local', 'state'), 'latchkey');
}

/**
 * Small files that are the user's own and hold secrets. They are read without following links, and
 * replaced as a whole: whoever is killed or loses power leaves the old one or the new one.
 */
export class StateFolder {
  readonly #path: string;

  private constructor(path: string) {
    this.#path = path;
  }

  /**
   * Opens the folder, which is made (mode 0700) if there is none.
   *
   * @throws DongleError `FILE_FAILED`, also for a folder into which others may write
   */
  static async open(path: string): Promise<StateFolder> {
    const folder = new StateFolder(path);
    await naming(path, async () => {
      await mkdir(path, { recursive: true, mode: 0o700 });
      const status = await stat(path);
      if (!status.isDirectory()) throw new Complaint('it is not a folder');
      checkOwner(status.uid);
      if (keepsModes && (status.mode & 0o022) !== 0) {
        throw new Complaint(`others may write to it; run "chmod 700 ${path}"`);
      }
      await folder.#sweep();
    });
    return folder;
  }

  /** The file's text, or undefined when there is none. @throws DongleError `FILE_FAILED` */
  async read(name: string): Promise<string | undefined> {
    const path = this.pathOf(name);
    return naming(path, async () => {
      let file: FileHandle;
      try {
        // A pipe in its place would keep us waiting.
        const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;
        file = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw error;
      }
      try {
        const status = await file.stat();
        if (!status.isFile()) throw new Complaint('it is not a regular file');
        checkOwner(status.uid);
        if (keepsModes && (status.mode & 0o077) !== 0) {
          throw new Complaint(`others may use it; run "chmod 600 ${path}"`);
        }
        if (status.size > longestFile) throw new Complaint('it is too long to be one of latchkey');
        return await file.readFile('utf8');
      } finally {
        await file.close();
      }
    });
  }

  /** Puts a file in the place of the one with that name. @throws DongleError `FILE_FAILED` */
  async replace(name: string, text: string): Promise<void> {
    const path = this.pathOf(name);
    await naming(path, async () => {
      const temporary = await this.#write(name, text);
      await rename(temporary, path);
      await this.#settle();
    });
  }

  /**
   * Makes a file unless there is one with that name already, and then that one stays.
   *
   * @throws DongleError `FILE_FAILED`
   */
  async create(name: string, text: string): Promise<void> {
    const path = this.pathOf(name);
    await naming(path, async () => {
      const temporary = await this.#write(name, text);
      try {
        // Of several programs that do this at once, one wins.
        await link(temporary, path);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      } finally {
        await unlink(temporary);
      }
      await this.#settle();
    });
  }

  /** Where the file with this name is. */
  pathOf(name: string): string {
    return join(this.#path, name);
  }

  async #write(name: string, text: string): Promise<string> {
    const path = this.pathOf(`${name}.${toHex(suite.randomBytes(8))}${temporaryEnd}`);
    const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW = 0 } = constants;
    const file = await open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } catch (error) {
      await unlink(path).catch(() => {});
      throw error;
    } finally {
      await file.close();
    }
    return path;
  }

  /** A name is safe when its folder has been written too. Windows does that by itself. */
  async #settle(): Promise<void> {
    if (process.platform === 'win32') return;
    const folder = await open(this.#path, constants.O_RDONLY);
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  }

  /** Removes what programs that died have left behind. */
  async #sweep(): Promise<void> {
    for (const name of await readdir(this.#path)) {
      if (!name.endsWith(temporaryEnd)) continue;
      const path = this.pathOf(name);
      const age = await stat(path).then(
        ({ mtimeMs }) => Date.now() - mtimeMs,
        () => 0,
      );
      if (age > temporaryMs) await rm(path, { force: true });
    }
  }
}

/** Whether files have owners and modes here. */
const keepsModes = process.getuid !== undefined;

function checkOwner(uid: number): void {
  if (keepsModes && uid !== process.getuid?.()) throw new Complaint('it belongs to another user');
}

/** What is wrong with a file, in words. */
class Complaint extends Error {}

const explanations: Readonly<Record<string, string>> = {
  ...fileErrors,
  EEXIST: 'it is not a folder',
  ENXIO: 'it is not a regular file',
  EDQUOT: 'the disk is full',
};

async function naming<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? '';
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new DongleError(
      'FILE_FAILED',
      `Cannot use ${path}: ${explanations[code] ?? reason}. Mend that, or set LATCHKEY_STATE to another folder.`,
      { cause },
    );
  }
}
