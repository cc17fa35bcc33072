import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The programs that the harness runs, and the Debian package of each. */
const packages = {
  'qemu-system-x86_64': 'qemu-system-x86',
  busybox: 'busybox-static',
  modprobe: 'kmod',
  depmod: 'kmod',
  'apt-get': 'apt',
  'apt-cache': 'apt',
  'dpkg-deb': 'dpkg',
  lsusb: 'usbutils',
  usbip: 'usbip',
  chromium: 'chromium',
} as const;

/** A program that the harness runs. */
export type Tool = keyof typeof packages;

/** Users other than root have no sbin in their PATH, but may run what lies there. */
const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'];

function pathOf(tool: Tool): string | undefined {
  return folders
    .map((folder) => join(folder, tool))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/** The path of a program. Throws an Error that names the package to install where it is missing. */
export function findTool(tool: Tool): string {
  const path = pathOf(tool);
  if (path === undefined) throw new Error(missing([tool]));
  return path;
}

/** What to install so that all programs are there, as a sentence; undefined where they are. */
export function whatIsMissing(): string | undefined {
  const absent = (Object.keys(packages) as Tool[]).filter((tool) => pathOf(tool) === undefined);
  return absent.length === 0 ? undefined : missing(absent);
}

function missing(tools: readonly Tool[]): string {
  const wanted = [...new Set(tools.map((tool) => packages[tool]))];
  return `${tools.join(', ')} not found; install with: apt-get install ${wanted.join(' ')}`;
}
