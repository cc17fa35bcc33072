import { fstatSync } from 'node:fs';
import { createServer, type Server } from 'node:net';

/**
 * What to add to the flags of an open, so that a file can only be opened once (EAGAIN on macOS, EBUSY
 * on Windows). Node has no name for it: it is `UV_FS_O_EXLOCK` of
 * https://docs.libuv.org/en/v1.x/fs.html, with O_NONBLOCK on macOS, as it would wait otherwise.
 */
export const exclusiveFlags =
  process.platform === 'darwin' ? 0x20 | 0x04 : process.platform === 'win32' ? 0x1000_0000 : 0;

/**
 * Keeps an open file from being locked again, by this process or another. The system releases it
 * when the process ends, however it ends.
 */
export class FileLock {
  readonly #server: Server | undefined;

  private constructor(server: Server | undefined) {
    this.#server = server;
  }

  /** Takes the lock of a file; undefined where another has it. */
  static take(file: number): FileLock | undefined {
    // Elsewhere the open has locked it.
    if (process.platform !== 'linux') return new FileLock(undefined);
    // Node has no flock(2). The name of an abstract socket (unix(7)) can be bound once, leaves
    // nothing behind, and names the file whatever its path. It does not reach into other containers.
    const { dev, ino } = fstatSync(file, { bigint: true });
    const server = createServer((socket) => socket.destroy());
    // A name that is taken is told at once, and as an event later.
    server.on('error', () => {});
    server.listen({ path: `\0latchkey flash ${dev}:${ino}`, exclusive: true });
    server.unref();
    return server.listening ? new FileLock(server) : undefined;
  }

  release(): void {
    this.#server?.close();
  }
}
