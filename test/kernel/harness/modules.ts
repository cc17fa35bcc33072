import { execFileSync } from 'node:child_process';
import type { Kernel } from './prepare.ts';
import { findTool } from './tools.ts';

/** What the guest loads, each after all that it depends on. */
const guestModules: readonly string[] = [
  // The machine: the host's files, and a layer to write on.
  'virtio_pci',
  '9pnet_virtio',
  '9p',
  'overlay',
  'virtio_net',
  // USB over a socket, and the drivers of the dongle's functions.
  'vhci-hcd',
  'usbhid',
  'hid-generic',
];

/** Paths of the modules' files in the order in which to load them. */
export function modulesInOrder(kernel: Kernel, names: readonly string[] = guestModules): string[] {
  const modprobe = findTool('modprobe');
  const paths = names.flatMap((name) => {
    const args = ['-S', kernel.release, '-d', kernel.folder, '--show-depends', name];
    const lines = execFileSync(modprobe, args, { encoding: 'utf8', stdio: 'pipe' }).split('\n');
    // Other lines name what is built in.
    return lines.flatMap((line) => /^insmod (.+\.ko)/.exec(line)?.[1] ?? []);
  });
  return [...new Set(paths)];
}
