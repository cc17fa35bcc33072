import { readdir, readFile, readlink, realpath } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type SharingEvidence, unseenEvidence } from '../client/sharing.ts';

/** The first of all namespaces of processes has this number (include/linux/proc_ns.h). */
const firstNamespace = 'pid:[4026531836]';

/** Where a machine other than this one is looked at, in tests. */
export interface NeighbourOptions {
  /** In place of /proc. */
  readonly proc?: string;
  /** In place of /sys. */
  readonly sys?: string;
}

/** What this machine shows of others that use the device with this name; see `inspectDevices`. */
export async function inspectDevice(
  path: string | undefined,
  options: NeighbourOptions = {},
): Promise<readonly SharingEvidence[]> {
  const [evidence = []] = await inspectDevices([path], options);
  return evidence;
}

/**
 * What this machine shows of others that use each of these devices.
 *
 * @param paths - names of devices, such as `/dev/hidraw0` or `/dev/bus/usb/001/004`
 */
export async function inspectDevices(
  paths: readonly (string | undefined)[],
  { proc = '/proc', sys = '/sys' }: NeighbourOptions = {},
): Promise<readonly (readonly SharingEvidence[])[]> {
  const devices = await Promise.all(
    paths.map(async (path) => ({
      path,
      folder: path === undefined ? undefined : await usbDevice(path, sys),
    })),
  );
  // All programs are looked at once, however many devices there are.
  const isKnown = devices.some(({ folder }) => folder !== undefined);
  const others = isKnown ? await otherPrograms(proc) : noPrograms;
  return Promise.all(
    devices.map(({ path, folder }) => {
      if (path === undefined || folder === undefined) {
        return [unseenEvidence(`The system does not tell who else has ${path ?? 'it'} open.`)];
      }
      return evidenceOf(folder, others);
    }),
  );
}

async function evidenceOf(device: string, others: Programs): Promise<SharingEvidence[]> {
  const nodes = await nodesOf(device);
  const evidence = openers(nodes, others);
  // Who may claim an interface has the node of the whole device open; it may be ourselves.
  if (!others.own.some((node) => isUsbNode(node) && nodes.has(node)) && (await isClaimed(device))) {
    evidence.push({
      kind: 'claim',
      weight: 'weak',
      detail: 'Another program of this machine has claimed the vendor interface.',
    });
  }
  if (device.includes('/vhci_hcd')) {
    evidence.push({
      kind: 'usbip',
      weight: 'weak',
      detail: 'The dongle is reached over USB/IP, whose server may have other machines too.',
    });
  }
  return evidence;
}

/** The folder of a USB device in /sys. */
async function usbDevice(path: string, sys: string): Promise<string | undefined> {
  if (path.startsWith('/dev/hidraw')) {
    const interfaceFolder = await realpath(
      join(sys, 'class/hidraw', basename(path), 'device'),
    ).catch(() => '');
    // …/1-2/1-2:1.0/0003:1209:0001.0001
    return /^(.*\/\d+-[\d.]+)\/\d+-[\d.]+:\d+\.\d+\//.exec(`${interfaceFolder}/`)?.[1];
  }
  const [, bus, address] = /^\/dev\/bus\/usb\/(\d+)\/(\d+)$/.exec(path) ?? [];
  const devices = join(sys, 'bus/usb/devices');
  for (const name of await namesIn(devices)) {
    if (name.includes(':')) continue;
    const folder = join(devices, name);
    if ((await numberIn(folder, 'busnum')) !== Number(bus)) continue;
    if ((await numberIn(folder, 'devnum')) === Number(address)) return realpath(folder);
  }
  return undefined;
}

/** By which names in /dev a device can be opened. */
async function nodesOf(device: string): Promise<Set<string>> {
  const digits = (value: number) => `${value}`.padStart(3, '0');
  const bus = digits(await numberIn(device, 'busnum'));
  const nodes = new Set([`/dev/bus/usb/${bus}/${digits(await numberIn(device, 'devnum'))}`]);
  for (const usbInterface of await interfacesOf(device)) {
    for (const child of await namesIn(usbInterface)) {
      for (const name of await namesIn(join(usbInterface, child, 'hidraw'))) {
        nodes.add(`/dev/${name}`);
      }
    }
  }
  return nodes;
}

/** Whether a program has taken an interface for itself, as libusb and browsers do. */
async function isClaimed(device: string): Promise<boolean> {
  for (const usbInterface of await interfacesOf(device)) {
    const driver = await readlink(join(usbInterface, 'driver')).catch(() => '');
    if (basename(driver) === 'usbfs') return true;
  }
  return false;
}

async function interfacesOf(device: string): Promise<string[]> {
  return (await namesIn(device))
    .filter((name) => name.startsWith(`${basename(device)}:`))
    .map((name) => join(device, name));
}

/** The programs that have one of these open, and whether that is all there can be. */
function openers(nodes: ReadonlySet<string>, { programs, seesAll }: Programs): SharingEvidence[] {
  const evidence = programs
    .filter(({ open }) => open.some((node) => nodes.has(node)))
    .map(
      ({ pid, name }): SharingEvidence => ({
        kind: 'openers',
        weight: 'weak',
        detail: `Another program of this machine has the device open (process ${pid}, ${name}).`,
      }),
    );
  if (!seesAll) {
    evidence.push(
      unseenEvidence('This program may not see all programs that have the device open; root may.'),
    );
  }
  return evidence;
}

/** Which devices programs have open. */
interface Programs {
  readonly programs: readonly {
    readonly pid: string;
    readonly name: string;
    readonly open: readonly string[];
  }[];
  /** What this one has open itself. */
  readonly own: readonly string[];
  /** Whether there can be no others. */
  readonly seesAll: boolean;
}

const noPrograms: Programs = { programs: [], own: [], seesAll: false };

async function otherPrograms(proc: string): Promise<Programs> {
  const namespace = await readlink(join(proc, 'self/ns/pid')).catch(() => '');
  const names = await namesIn(proc);
  // Where /proc hides the programs of others (proc(5), hidepid), the first one is hidden too.
  let seesAll = namespace === firstNamespace && names.includes('1');
  let own: readonly string[] = [];
  const programs = [];
  for (const pid of names) {
    if (!/^\d+$/.test(pid)) continue;
    const open = await devicesOpenIn(join(proc, pid, 'fd'));
    if (Number(pid) === process.pid) {
      own = open ?? [];
    } else if (open === undefined) {
      seesAll = false;
    } else if (open.length > 0) {
      const name = await readFile(join(proc, pid, 'comm'), 'utf8').catch(() => '?');
      // A program chooses its name itself.
      programs.push({ pid, name: name.trim().replace(/[^\x20-\x7e]/g, '?'), open });
    }
  }
  return { programs, own, seesAll };
}

/** The USB devices that a program has open; undefined where this one may not see that. */
async function devicesOpenIn(folder: string): Promise<string[] | undefined> {
  let descriptors: string[];
  try {
    descriptors = await readdir(folder);
  } catch (error) {
    // A program that has ended meanwhile has nothing open.
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' || code === 'ESRCH' ? [] : undefined;
  }
  const targets = await Promise.all(
    descriptors.map((descriptor) => readlink(join(folder, descriptor)).catch(() => '')),
  );
  return targets.filter((target) => /^\/dev\/(hidraw|bus\/usb\/)/.test(target));
}

function isUsbNode(node: string): boolean {
  return node.startsWith('/dev/bus/usb/');
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}

async function numberIn(folder: string, name: string): Promise<number> {
  return Number(await readFile(join(folder, name), 'utf8').catch(() => Number.NaN));
}
