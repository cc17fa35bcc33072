import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { findTool, whatIsMissing } from './tools.ts';

/** Debian's kernel, unpacked but not installed. */
export interface Kernel {
  /** As `uname -r` says it. */
  readonly release: string;
  /** Path of the bootable image. */
  readonly image: string;
  /** The folder that has `lib/modules/<release>`. */
  readonly folder: string;
}

/** What the harness keeps between runs: the kernel, and the logs of the last runs. */
export const cacheFolder = resolve(process.env['LATCHKEY_CACHE'] ?? '.cache', 'kernel');

/** The command that prepares the harness, for messages. */
export const prepareCommand = 'npm run test:kernel';

/** Debian's udevd, unpacked: libusb learns from it which devices come. */
const udevFolder = join(cacheFolder, 'udev');

/** The program that is udevd when it is called so. */
export const udevProgram = join(udevFolder, 'bin/udevadm');

/** Written when all else is in place; holds the kernel's release. */
const releaseFile = join(cacheFolder, 'release');

function kernelOf(release: string): Kernel {
  const folder = join(cacheFolder, release);
  return { release, image: join(folder, 'boot', `vmlinuz-${release}`), folder };
}

/** The kernel that `prepareKernel` has left in the cache, if all that it needs to boot is here. */
export function preparedKernel(): Kernel | undefined {
  if (!existsSync(releaseFile) || whatIsMissing() !== undefined) return undefined;
  const kernel = kernelOf(readFileSync(releaseFile, 'utf8').trim());
  return [kernel.image, udevProgram].every((path) => existsSync(path)) ? kernel : undefined;
}

/**
 * Puts Debian's kernel into the cache; a second call finds it there. Nothing is installed, and root
 * is not needed. Throws an Error that tells a person what to do.
 *
 * @param tell - takes a line for each step
 */
export function prepareKernel(tell: (line: string) => void): Kernel {
  const lacking = whatIsMissing();
  if (lacking !== undefined) throw new Error(lacking);
  const present = preparedKernel();
  if (present !== undefined) {
    tell(`kernel ${present.release} is in ${cacheFolder}`);
    return present;
  }
  if (process.arch !== 'x64') throw new Error('the kernel tests need an x86-64 machine');

  const name = newestImage();
  const kernel = kernelOf(name.slice('linux-image-'.length));
  fetch(name, kernel.folder, tell);
  tell('listing what its modules depend on');
  run(findTool('depmod'), ['-b', kernel.folder, kernel.release], cacheFolder);
  fetch('udev', udevFolder, tell);
  writeFileSync(releaseFile, `${kernel.release}\n`);
  tell(`kernel ${kernel.release} is in ${cacheFolder}`);
  return kernel;
}

/** Downloads a package of Debian and unpacks it to a folder. */
function fetch(name: string, folder: string, tell: (line: string) => void): void {
  const downloads = join(cacheFolder, 'download');
  rmSync(downloads, { recursive: true, force: true });
  mkdirSync(downloads, { recursive: true });
  tell(`downloading ${name}`);
  run(findTool('apt-get'), ['download', name], downloads);
  const archive = readdirSync(downloads).find((file) => file.endsWith('.deb'));
  if (archive === undefined) throw new Error(`apt-get download ${name} brought no package`);
  tell(`unpacking ${archive}`);
  run(findTool('dpkg-deb'), ['-x', archive, 'unpacked'], downloads);
  rmSync(folder, { recursive: true, force: true });
  renameSync(join(downloads, 'unpacked'), folder);
  rmSync(downloads, { recursive: true });
}

/** The package of the kernel that Debian's own name for the newest one stands for. */
function newestImage(): string {
  const answer = run(findTool('apt-cache'), ['depends', 'linux-image-amd64'], '.');
  const name = /Depends: (linux-image-\d\S+)/.exec(answer)?.[1];
  if (name === undefined) {
    throw new Error('apt knows no linux-image-amd64; run apt-get update, on Debian');
  }
  return name;
}

function run(program: string, args: readonly string[], cwd: string): string {
  try {
    return execFileSync(program, args, { cwd, encoding: 'utf8', stdio: 'pipe' });
  } catch (error) {
    const said = (error as { stderr?: string }).stderr?.trim() || (error as Error).message;
    throw new Error(`${program} ${args.join(' ')} failed: ${said}`, { cause: error });
  }
}
