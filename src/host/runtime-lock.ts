import { connect, createServer, type Server } from 'node:net';
import { basename } from 'node:path';
import { suite } from '#crypto';
import { toHex, utf8 } from '../bytes.ts';
import { DongleError } from '../errors.ts';

/** How long the holder of a lock may take to say who it is, in milliseconds. */
const answerMs = 500;
/** What a holder says is shorter. */
const longestAnswer = 1024;
/** How often a holder may vanish between our two looks at it. */
const maxTries = 8;

interface Lock {
  /** Undefined where the system allows none, and before it is acquired. */
  server: Server | undefined;
  readonly acquired: Promise<void>;
  /** How many parts of this process hold it. */
  count: number;
}

/** Locks of this process. */
const held = new Map<string, Lock>();

/**
 * Keeps the other programs of this machine away from a dongle, until the returned function is
 * called or this process ends in whatever way. It is advice between latchkey's own runtimes: a
 * program that does not answer is ignored, as the dongle decides anyway.
 *
 * @throws DongleError `IN_USE`, which names the program that has it
 */
export async function holdDongle(dongle: string): Promise<() => void> {
  const name = lockName(dongle);
  if (name === undefined) return () => {};
  const lock = held.get(name) ?? beginLock(name, dongle);
  lock.count++;
  let holds = true;
  const release = () => {
    if (!holds) return;
    holds = false;
    if (--lock.count > 0) return;
    held.delete(name);
    lock.server?.close();
  };
  try {
    await lock.acquired;
  } catch (error) {
    release();
    throw error;
  }
  return release;
}

function beginLock(name: string, dongle: string): Lock {
  const acquired = acquire(name, dongle).then((server) => {
    lock.server = server;
  });
  const lock: Lock = { server: undefined, acquired, count: 0 };
  held.set(name, lock);
  return lock;
}

/**
 * A name that the system itself frees when its owner dies: an abstract socket of Linux, or a pipe of
 * Windows. Other systems have none.
 */
function lockName(dongle: string): string | undefined {
  const id = toHex(suite.sha256(utf8(`latchkey lock ${dongle}`)).subarray(0, 16));
  if (process.platform === 'linux') return `\0latchkey-${id}`;
  if (process.platform === 'win32') return `\\\\.\\pipe\\latchkey-${id}`;
  return undefined;
}

async function acquire(name: string, dongle: string): Promise<Server | undefined> {
  for (let tries = 0; tries < maxTries; tries++) {
    const server = await listen(name);
    if (server !== 'taken') return server;
    const holder = await askHolder(name);
    if (holder === 'silent') return undefined;
    if (holder === 'gone') continue;
    throw new DongleError(
      'IN_USE',
      `Dongle ${dongle} is in use by another program of this machine (${holder}); end it and try again.`,
    );
  }
  return undefined;
}

/** The lock as a server that says who we are; undefined where the system allows none. */
function listen(name: string): Promise<Server | 'taken' | undefined> {
  const answer = JSON.stringify({ pid: process.pid, command: ownCommand() });
  const server = createServer((socket) => {
    socket.unref();
    // Whoever hangs up without hearing us has changed his mind.
    socket.on('error', () => {});
    socket.end(answer);
  });
  return new Promise((resolve) => {
    server.once('error', ({ code }: NodeJS.ErrnoException) => {
      resolve(code === 'EADDRINUSE' ? 'taken' : undefined);
    });
    server.listen(name, () => {
      // Too many at once, for instance: the lock is held all the same.
      server.on('error', () => {});
      resolve(server.unref());
    });
  });
}

/** Who holds a lock, in words. */
function askHolder(name: string): Promise<string | 'silent' | 'gone'> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(name);
    const timer = setTimeout(() => finish('silent'), answerMs);
    const finish = (outcome: string) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(outcome);
    };
    socket.setEncoding('utf8');
    socket.on('error', ({ code }: NodeJS.ErrnoException) =>
      finish(code === 'ECONNREFUSED' || code === 'ENOENT' ? 'gone' : 'silent'),
    );
    socket.on('data', (text: string) => {
      answer += text;
      if (answer.length > longestAnswer) finish('silent');
    });
    socket.on('end', () => finish(holderIn(answer)));
  });
}

/** Any program could have the name, so what it says is not trusted beyond being shown. */
function holderIn(answer: string): string | 'silent' {
  try {
    const { pid, command } = JSON.parse(answer);
    if (!Number.isSafeInteger(pid) || typeof command !== 'string') return 'silent';
    return `process ${pid}, ${printable(command)}`;
  } catch {
    return 'silent';
  }
}

/** The program, without its arguments, which may be secret. */
function ownCommand(): string {
  const [program = '', script] = process.argv;
  const words = script === undefined ? [program] : [program, script];
  return words.map((word) => basename(word)).join(' ');
}

/** Printable ASCII, and not too much of it. */
function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?').slice(0, 80);
}
