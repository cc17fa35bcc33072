import {
  closeSync,
  constants,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  writeSync,
} from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { DongleError } from '../errors.ts';
import { type UsbIpAddress, usbIpSpeeds } from '../protocol/usbip/index.ts';
import { importExported, listExported } from './usbip-client.ts';
import { parseVhciStatus, type VhciPort } from './vhci-status.ts';

// The kernel's side of USB/IP: vhci_hcd, a USB host controller whose devices are reached over sockets.

/** Where the kernel shows vhci_hcd; the first controller's files speak for all. */
const kernelFolder = '/sys/devices/platform/vhci_hcd.0';

/** Where the kernel shows the devices on all buses. */
const devicesFolder = '/sys/bus/usb/devices';

/** How long the kernel may take to enumerate a device, or to let go of one, in milliseconds. */
const enumerationMs = 10_000;

/** How often other programs may snatch the free port that was found. */
const maxTries = 16;

/** Where a machine other than this one is looked at, in tests. */
export interface VhciOptions {
  /** In place of /sys/devices/platform/vhci_hcd.0. */
  readonly folder?: string | undefined;
  /** In place of /sys/bus/usb/devices. */
  readonly devices?: string | undefined;
}

/** A dongle on this machine's virtual hub. */
export interface Attachment {
  /** For `detach`. */
  readonly port: number;
  /** Bus id at the server. */
  readonly busId: string;
  /** Where the kernel shows it below /sys/bus/usb/devices. */
  readonly localBusId: string;
}

/**
 * Attaches an exported dongle to this machine's kernel, and waits until it has been enumerated.
 *
 * @param busId - the only one that the server exports unless given
 * @throws DongleError `PERMISSION_DENIED` without root, `UNSUPPORTED` without vhci_hcd,
 * `AMBIGUOUS_DONGLE` where a bus id has to be given, `NOT_FOUND`, `LINK_FAILED`, `PROTOCOL`
 */
export async function attach(
  address: UsbIpAddress,
  busId?: string,
  { folder = kernelFolder, devices = devicesFolder }: VhciOptions = {},
): Promise<Attachment> {
  const file = openControl(folder, 'attach');
  try {
    const { socket, record } = await importExported(address, busId ?? (await onlyBusId(address)));
    let port: number;
    try {
      const { busNumber, deviceNumber, speed } = record;
      port = handOver(folder, file, socket, (busNumber << 16) | deviceNumber, speed);
    } finally {
      // The kernel has the connection as its own by now, if at all.
      socket.destroy();
    }
    const { localBusId } = await enumerated(folder, devices, port, record.busId);
    return { port, busId: record.busId, localBusId };
  } finally {
    closeSync(file);
  }
}

/**
 * Detaches what is attached to a port, and waits until the kernel has noticed: what is attached
 * before that it takes for the old device, and never configures it.
 *
 * @param port - the only one in use unless given
 * @returns the port
 * @throws DongleError `PERMISSION_DENIED`, `UNSUPPORTED`, `NOT_FOUND`, `AMBIGUOUS_DONGLE`,
 * `LINK_FAILED`
 */
export async function detach(
  port?: number,
  { folder = kernelFolder, devices = devicesFolder }: VhciOptions = {},
): Promise<number> {
  const file = openControl(folder, 'detach');
  try {
    const used = attachments({ folder });
    const number = port ?? onlyPort(used);
    const attachment = used.find((each) => each.port === number);
    if (attachment === undefined) {
      const ports = used.map((each) => each.port).join(', ');
      throw new DongleError(
        'NOT_FOUND',
        `Nothing is attached to port ${number}; ${used.length === 0 ? 'no port is in use' : `in use: ${ports}`}.`,
      );
    }
    release(file, number);
    await gone(join(devices, attachment.localBusId), number);
    return number;
  } finally {
    closeSync(file);
  }
}

function release(file: number, port: number): void {
  try {
    writeSync(file, `${port}`);
  } catch (cause) {
    // Another program was faster.
    throw new DongleError('NOT_FOUND', `Nothing is attached to port ${port} any more.`, { cause });
  }
}

/** The ports that are in use. */
export function attachments({ folder = kernelFolder }: VhciOptions = {}): VhciPort[] {
  return readPorts(folder).filter(({ state }) => state !== 'free');
}

function readPorts(folder: string): VhciPort[] {
  const files = readdirSync(folder).filter((name) => /^status(\.\d+)?$/.test(name));
  return files
    .flatMap((name) => parseVhciStatus(readFileSync(join(folder, name), 'utf8')))
    .sort((a, b) => a.port - b.port);
}

/** Opens a file that only root may write, which tells first of all whether the rest can work. */
function openControl(folder: string, name: 'attach' | 'detach'): number {
  try {
    return openSync(join(folder, name), constants.O_WRONLY);
  } catch (cause) {
    const code = codeOf(cause);
    if (code === 'ENOENT') {
      throw new DongleError(
        'UNSUPPORTED',
        'The kernel module vhci_hcd is not loaded; load it with: sudo modprobe vhci-hcd',
        { cause },
      );
    }
    const what = name === 'attach' ? 'Attaching' : 'Detaching';
    if (code === 'EACCES' || code === 'EPERM') {
      throw new DongleError('PERMISSION_DENIED', `${what} needs root; run it with sudo.`, {
        cause,
      });
    }
    throw new DongleError('LINK_FAILED', `${what} failed: ${code}.`, { cause });
  }
}

async function onlyBusId(address: UsbIpAddress): Promise<string> {
  const [first, ...others] = (await listExported(address)).map(({ busId }) => busId);
  if (first === undefined) {
    throw new DongleError('NOT_FOUND', 'The server exports no dongle; start it with one.');
  }
  if (others.length > 0) {
    throw new DongleError(
      'AMBIGUOUS_DONGLE',
      `The server exports several dongles; say which: ${[first, ...others].join(', ')}.`,
    );
  }
  return first;
}

function onlyPort(used: readonly VhciPort[]): number {
  const [first, ...others] = used;
  if (first === undefined) throw new DongleError('NOT_FOUND', 'Nothing is attached.');
  if (others.length > 0) {
    const ports = used.map(({ port, localBusId }) => `${port} (${localBusId})`).join(', ');
    throw new DongleError('AMBIGUOUS_DONGLE', `Several ports are in use; say which: ${ports}.`);
  }
  return first.port;
}

/** Gives the connection to the kernel, on a free port of the hub for its speed. */
function handOver(
  folder: string,
  file: number,
  socket: Socket,
  deviceId: number,
  speed: number,
): number {
  // Node has no public way to a socket's file descriptor.
  const { fd } = (socket as unknown as { readonly _handle: { readonly fd: number } })._handle;
  const hub = speed === usbIpSpeeds.super ? 'ss' : 'hs';
  for (let tries = 1; ; tries++) {
    const free = readPorts(folder).find((each) => each.state === 'free' && each.hub === hub);
    if (free === undefined) {
      throw new DongleError(
        'LINK_FAILED',
        'All ports of the virtual hub are in use; detach something first.',
      );
    }
    try {
      writeSync(file, `${free.port} ${fd} ${deviceId} ${speed}`, 0);
      return free.port;
    } catch (cause) {
      // Another program was faster.
      if (codeOf(cause) === 'EBUSY' && tries < maxTries) continue;
      throw new DongleError('LINK_FAILED', `The kernel refuses to attach it: ${codeOf(cause)}.`, {
        cause,
      });
    }
  }
}

async function enumerated(
  folder: string,
  devices: string,
  port: number,
  busId: string,
): Promise<VhciPort> {
  const end = performance.now() + enumerationMs;
  do {
    const found = readPorts(folder).find((each) => each.port === port);
    if (found?.state === 'attached' && isConfigured(join(devices, found.localBusId))) return found;
    await delay(20);
  } while (performance.now() < end);
  throw new DongleError(
    'LINK_FAILED',
    `The kernel does not get on with ${busId}; see the last lines of dmesg, then detach port ${port}.`,
  );
}

/** Whether the kernel has chosen a configuration, and with it the drivers. */
function isConfigured(device: string): boolean {
  try {
    return readFileSync(join(device, 'bConfigurationValue'), 'utf8').trim() !== '';
  } catch {
    return false;
  }
}

async function gone(device: string, port: number): Promise<void> {
  const end = performance.now() + enumerationMs;
  while (existsSync(device)) {
    if (performance.now() > end) {
      throw new DongleError(
        'LINK_FAILED',
        `The kernel does not let go of the device on port ${port}; see the last lines of dmesg.`,
      );
    }
    await delay(20);
  }
}

function codeOf(cause: unknown): string {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
}
