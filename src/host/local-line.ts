import type { Server, Socket } from 'node:net';
import { basename } from 'node:path';

/** Loaded where it is needed, so that importing latchkey stays quick. */
const net = () => import('node:net');

/** The longest line that anybody says, in characters. */
const longestLine = 1024;

/** How many may be on the line at once. */
const mostCallers = 32;

/**
 * A name that the system itself frees when its owner dies: an abstract socket of Linux, or a pipe of
 * Windows. Other systems have none.
 */
export function localName(id: string): string | undefined {
  if (process.platform === 'linux') return `\0latchkey-${id}`;
  if (process.platform === 'win32') return `\\\\.\\pipe\\latchkey-${id}`;
  return undefined;
}

/** A conversation of two programs of this machine, a line at a time. */
export class LocalLine {
  /** Resolves when either has hung up. */
  readonly over: Promise<void>;
  readonly #socket: Socket;
  #heard = '';
  #ended = false;
  #told = () => {};

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => {
      this.#heard += text;
      if (this.#heard.length > longestLine) this.hangUp();
      this.#told();
    });
    this.over = new Promise((resolve) => {
      const end = () => {
        this.#ended = true;
        this.#told();
        resolve();
      };
      // Half of a conversation is of no use to anybody.
      socket.on('end', () => socket.destroy());
      socket.on('error', () => {});
      socket.on('close', end);
    });
  }

  say(text: string): void {
    this.#socket.write(`${text}\n`);
  }

  /** Whether either has hung up. */
  get ended(): boolean {
    return this.#ended;
  }

  /** The next line; undefined when the other has hung up, or says nothing for so long. */
  async hear(limitMs?: number): Promise<string | undefined> {
    let late = false;
    const timer =
      limitMs === undefined
        ? undefined
        : setTimeout(() => {
            late = true;
            this.#told();
          }, limitMs).unref();
    try {
      for (;;) {
        const end = this.#heard.indexOf('\n');
        if (end >= 0) {
          const line = this.#heard.slice(0, end);
          this.#heard = this.#heard.slice(end + 1);
          return line;
        }
        if (this.#ended || late) return undefined;
        await new Promise<void>((resolve) => {
          this.#told = resolve;
        });
      }
    } finally {
      clearTimeout(timer);
    }
  }

  hangUp(): void {
    this.#socket.destroy();
  }

  /** Hangs up if the other has not done so by then. */
  hangUpAfter(ms: number): void {
    const timer = setTimeout(() => this.hangUp(), ms).unref();
    void this.over.then(() => clearTimeout(timer));
  }
}

/** A name on which this program listens; hanging up ends all conversations and frees it. */
export interface LocalListener {
  hangUp(): void;
}

/**
 * Takes a name and answers whoever calls. It keeps no program alive.
 *
 * @returns `taken` where another has the name; undefined where the system allows none
 */
export async function listenLocally(
  name: string,
  answer: (line: LocalLine) => void,
): Promise<LocalListener | 'taken' | undefined> {
  const { createServer } = await net();
  const lines = new Set<LocalLine>();
  const server = createServer((socket) => {
    socket.unref();
    const line = new LocalLine(socket);
    lines.add(line);
    void line.over.then(() => lines.delete(line));
    answer(line);
  });
  server.maxConnections = mostCallers;
  return new Promise((resolve) => {
    server.once('error', ({ code }: NodeJS.ErrnoException) => {
      resolve(code === 'EADDRINUSE' ? 'taken' : undefined);
    });
    // Or else the workers of a cluster would all have it.
    server.listen({ path: name, exclusive: true }, () => {
      // Too many at once, for instance: the name is held all the same.
      server.on('error', () => {});
      resolve(listener(server.unref(), lines));
    });
  });
}

function listener(server: Server, lines: ReadonlySet<LocalLine>): LocalListener {
  return {
    hangUp() {
      server.close();
      for (const line of lines) line.hangUp();
    },
  };
}

/** Calls whoever listens on that name; undefined where nobody does. */
export async function callLocally(name: string): Promise<LocalLine | undefined> {
  const { connect } = await net();
  return new Promise((resolve) => {
    const socket = connect(name);
    socket.once('connect', () => resolve(new LocalLine(socket)));
    socket.once('error', () => resolve(undefined));
  });
}

/** What a program says of itself first. Its arguments may be secret, so they are left out. */
export function ownGreeting(): string {
  const [program = '', script] = process.argv;
  const words = script === undefined ? [program] : [program, script];
  const command = words.map((word) => basename(word)).join(' ');
  return JSON.stringify({ pid: process.pid, command });
}

/**
 * Who that is, in words. Any program could have the name, so what it says is not trusted beyond
 * being shown; undefined where that is no greeting.
 */
export function greeter(greeting: string | undefined): string | undefined {
  try {
    const { pid, command } = JSON.parse(greeting ?? '');
    if (!Number.isSafeInteger(pid) || typeof command !== 'string') return undefined;
    return `process ${pid}, ${printable(command)}`;
  } catch {
    return undefined;
  }
}

/** Printable ASCII, and not too much of it. */
function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?').slice(0, 80);
}
