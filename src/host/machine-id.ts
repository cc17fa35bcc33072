import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suite } from '#crypto';
import { utf8 } from '../bytes.ts';

/** Length of a hashed id, in bytes. */
const idBytes = 8;

/** Our own key: nobody who knows a machine's id from elsewhere recognises it, or the reverse. */
const label = utf8('latchkey machine id');

/** Where Linux tells what a machine is. A program may not be allowed to read them all. */
const sources = [
  // The serial of a Raspberry Pi, and of other boards with a device tree.
  { kind: 'board', path: 'sys/firmware/devicetree/base/serial-number' },
  // The UUID in the firmware; for root alone.
  { kind: 'dmi', path: 'sys/class/dmi/id/product_uuid' },
  // That of the installation (machine-id(5)).
  { kind: 'system', path: 'etc/machine-id' },
] as const;

/** What makers write who write nothing, besides one digit repeated. */
const meaningless = new Set(['', 'uninitialized', '03000200-0400-0500-0006-000700080009']);

/** Files that container engines leave in their containers. */
const containerMarks = ['.dockerenv', 'run/.containerenv', 'run/systemd/container'];

/**
 * The hashed ids of this machine, as many as this program may read: two programs of one machine need
 * only one in common. None in a container, which sees ids that its image or its host has for many,
 * and none on other systems than Linux, where it would take another program to ask.
 *
 * @param root - another root folder, in tests
 */
export async function machineIds(
  root = '/',
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<Uint8Array[]> {
  if (process.platform !== 'linux' || (await isContainer(root, environment))) return [];
  const ids: Uint8Array[] = [];
  for (const { kind, path } of sources) {
    const value = (await textOf(join(root, path))).toLowerCase();
    if (meaningless.has(value) || /^(.)\1*$/.test(value.replaceAll('-', ''))) continue;
    ids.push(suite.hmacSha256(label, utf8(`${kind} ${value}`)).slice(0, idBytes));
  }
  return ids;
}

/**
 * Docker, Podman and systemd-nspawn leave a file, lxc and others the variable `container`, Kubernetes
 * one of its own, and under the first version of control groups the name of the group tells.
 */
async function isContainer(
  root: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<boolean> {
  if (environment['container'] || environment['KUBERNETES_SERVICE_HOST']) return true;
  for (const mark of containerMarks) {
    const exists = await access(join(root, mark)).then(
      () => true,
      () => false,
    );
    if (exists) return true;
  }
  const groups = await textOf(join(root, 'proc/1/cgroup'));
  return /docker|kubepods|containerd|lxc|libpod/.test(groups);
}

/** A file's text without the blanks and zeros around it; empty where it cannot be read. */
async function textOf(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch(() => '');
  return text.replaceAll('\0', ' ').trim();
}
