import { existsSync, lstatSync, unlinkSync } from 'node:fs';
import { connect, createServer, isIPv4, type Server, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { utf8 } from '../../../bytes.ts';
import { DongleError } from '../../../errors.ts';
import {
  formatUsbIpAddress,
  keepAliveMs,
  type UsbIpAddress,
} from '../../../protocol/usbip/index.ts';

/** A server that listens, and where: the port is the real one where 0 was asked for. */
export interface Listening {
  readonly server: Server;
  readonly address: UsbIpAddress;
}

/** How many connections a listener holds at once. */
const maxConnections = 256;

/** What fits into a socket address on every system; Node cuts longer paths off without a word. */
const maxPathBytes = 103;

/**
 * Listens on a unix socket, which only this user may open, or on a TCP port.
 *
 * @throws DongleError `ADDRESS_IN_USE`, `PERMISSION_DENIED`, `INVALID_ARGUMENT`
 */
export async function listen(
  address: UsbIpAddress,
  onSocket: (socket: Socket) => void,
): Promise<Listening> {
  const server = createServer(
    { noDelay: true, keepAlive: true, keepAliveInitialDelay: keepAliveMs },
    onSocket,
  );
  server.maxConnections = maxConnections;
  if ('path' in address && utf8(address.path).length > maxPathBytes) {
    throw new DongleError(
      'INVALID_ARGUMENT',
      `The path of a unix socket has at most ${maxPathBytes} bytes; give a shorter one than ${address.path}.`,
    );
  }
  try {
    await listenOn(server, address);
  } catch (error) {
    if (!('path' in address && codeOf(error) === 'EADDRINUSE' && (await isStale(address.path)))) {
      throw explain(error, address);
    }
    try {
      unlinkSync(address.path);
      await listenOn(server, address);
    } catch (again) {
      throw explain(again, address);
    }
  }
  const bound = server.address();
  if ('path' in address || bound === null || typeof bound === 'string') return { server, address };
  return { server, address: { host: address.host, port: bound.port } };
}

/** Whether only programs of this machine reach a host name or address. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'));
}

function listenOn(server: Server, address: UsbIpAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    const done = () => {
      server.off('error', reject);
      resolve();
    };
    if (!('path' in address)) {
      server.listen(address.port, address.host, done);
      return;
    }
    // The socket file is made during this call, and others must not open it even for a moment.
    const mask = process.umask(0o177);
    try {
      server.listen(address.path, done);
    } finally {
      process.umask(mask);
    }
  });
}

/** Whether a socket file is what a program that is no more has left behind. */
function isStale(path: string): Promise<boolean> {
  if (!lstatSync(path, { throwIfNoEntry: false })?.isSocket()) return Promise.resolve(false);
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.on('connect', () => {
      socket.destroy();
      resolve(false);
    });
    socket.on('error', (error) => resolve(codeOf(error) === 'ECONNREFUSED'));
  });
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}

function explain(cause: unknown, address: UsbIpAddress): DongleError {
  const place = 'path' in address ? address.path : `${address.host}:${address.port}`;
  const rest = `choose another with --usbip ${another(address)}.`;
  const code = codeOf(cause) ?? String(cause);
  if (code === 'EADDRINUSE') return new DongleError('ADDRESS_IN_USE', inUse(address), { cause });
  if ('host' in address && ['EADDRNOTAVAIL', 'ENOTFOUND', 'EAI_AGAIN'].includes(code)) {
    return new DongleError(
      'INVALID_ARGUMENT',
      `${address.host} is no address of this machine; listen on one of its own, such as 127.0.0.1.`,
      { cause },
    );
  }
  // Node says EACCES of a folder that is not there, too.
  const isThere = !('path' in address) || existsSync(dirname(address.path));
  if ((code === 'EACCES' || code === 'EPERM') && isThere) {
    return new DongleError('PERMISSION_DENIED', `You may not listen on ${place}; ${rest}`, {
      cause,
    });
  }
  const reason = isThere ? code : 'there is no such folder';
  return new DongleError('INVALID_ARGUMENT', `Cannot listen on ${place}: ${reason}; ${rest}`, {
    cause,
  });
}

function inUse(address: UsbIpAddress): string {
  const rest = `stop it or choose another with --usbip ${another(address)}.`;
  if (!('path' in address)) {
    return `Port ${address.port} on ${address.host} is taken by another program; ${rest}`;
  }
  if (lstatSync(address.path, { throwIfNoEntry: false })?.isSocket() === false) {
    return `${address.path} exists and is not a socket; choose another with --usbip ${another(address)}.`;
  }
  return `Another program listens on ${address.path}; ${rest}`;
}

function another(address: UsbIpAddress): string {
  if ('path' in address) return 'unix:PATH';
  return formatUsbIpAddress(address).replace(/\d+$/, 'PORT');
}
