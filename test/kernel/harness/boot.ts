import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { gzipSync } from 'node:zlib';
import { bundle, bundlePage, root } from '../../support/bundle.ts';
import { archive } from './cpio.ts';
import { guestRepository, guestShare, initScript } from './init.ts';
import { type LogLine, parseKernelLog } from './kernel-log.ts';
import { modulesInOrder } from './modules.ts';
import {
  cacheFolder,
  type Kernel,
  prepareCommand,
  preparedKernel,
  udevProgram,
} from './prepare.ts';
import { findTool } from './tools.ts';

/** What a guest is to do. */
export interface BootOptions {
  /** Names the run: its logs lie in this folder of the cache. */
  readonly name: string;
  /** The TypeScript file that the guest runs, from the repository's root. */
  readonly program: string;
  /** Other programs that the guest starts: name of the bundle, and its first file. */
  readonly programs?: Readonly<Record<string, string>>;
  /** What pages load: name of the bundle, and its first file. It lies beside the programs. */
  readonly pages?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** How long the program may take, after the guest is up. */
  readonly timeoutMs: number;
  /** Whether the guest reaches the host, at 10.0.2.2; it does not unless told. */
  readonly network?: boolean;
}

/** What came of it. */
export interface BootResult {
  /** The program's own; 137 when it was killed for taking too long. */
  readonly exitCode: number;
  /** What the program has written, line by line, with `report` of the guest. */
  readonly results: readonly unknown[];
  readonly log: readonly LogLine[];
  /** From the start of QEMU to its end. */
  readonly seconds: number;
  /** The folder with console, kernel log and results. */
  readonly folder: string;
}

/** How long booting may take, and shutting down. */
const marginMs = 60_000;

/** How much of the console is shown when something went wrong. */
const tailLines = 80;

/**
 * Boots Debian's kernel in a virtual machine that sees this machine's files but cannot change them,
 * and runs a program there as root with this Node. Rejects when the guest does not come to an end.
 */
export async function bootGuest(options: BootOptions): Promise<BootResult> {
  const kernel = preparedKernel();
  if (kernel === undefined) throw new Error(`no kernel yet; run: ${prepareCommand}`);
  const folder = join(cacheFolder, 'runs', options.name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });

  const program = await bundle(`kernel-${options.name}`, options.program);
  for (const [name, entry] of Object.entries(options.programs ?? {})) await bundle(name, entry);
  for (const [name, entry] of Object.entries(options.pages ?? {})) await bundlePage(name, entry);
  writeFileSync(join(folder, 'initramfs'), initramfs(kernel, options, program));

  const { network = false, timeoutMs } = options;
  const startMs = performance.now();
  const ended = await runQemu(qemuArguments(kernel, folder, network), timeoutMs + marginMs);
  const seconds = (performance.now() - startMs) / 1000;

  const read = (name: string) => {
    const path = join(folder, name);
    return existsSync(path) ? readFileSync(path, 'utf8') : '';
  };
  const exit = read('exit').trim();
  if (exit === '') {
    const tail = read('console').trimEnd().split('\n').slice(-tailLines).join('\n');
    throw new Error(`${ended} after ${seconds.toFixed(0)} s. The guest's last words:\n${tail}`);
  }
  return {
    exitCode: Number(exit),
    results: read('results').split('\n').filter(Boolean).map(parseLine),
    log: parseKernelLog(read('kmsg')),
    seconds,
    folder,
  };
}

function parseLine(line: string): unknown {
  return JSON.parse(line);
}

/** The kernel's first root: busybox, the modules, and a script. */
function initramfs(kernel: Kernel, options: BootOptions, program: string): Uint8Array {
  const modules = modulesInOrder(kernel);
  const script = initScript({
    modules: modules.map((path) => basename(path)),
    udev: udevProgram,
    repository: root,
    command: [inGuest(process.execPath), inGuest(program), ...(options.args ?? [])],
    env: {
      LATCHKEY_RESULTS: join(guestShare, 'results'),
      LATCHKEY_KERNEL: kernel.release,
      ...options.env,
    },
    timeoutSeconds: Math.ceil(options.timeoutMs / 1000),
    network: options.network ?? false,
  });
  const folders = ['bin', 'dev', 'host', 'memory', 'modules', 'proc', 'root', 'share', 'sys'];
  const files = archive([
    ...folders.map((path) => ({ path })),
    { path: 'bin/busybox', bytes: readFileSync(findTool('busybox')) },
    ...modules.map((path) => ({ path: `modules/${basename(path)}`, bytes: readFileSync(path) })),
    { path: 'init', bytes: Buffer.from(script) },
  ]);
  return gzipSync(files, { level: 1 });
}

/** Where the guest finds a file of the host: what lies in the repository may be covered elsewhere. */
function inGuest(path: string): string {
  const below = relative(root, path);
  return below.startsWith('..') ? path : join(guestRepository, below);
}

function qemuArguments(kernel: Kernel, folder: string, network: boolean): string[] {
  const shared = (path: string, tag: string, more: string) => [
    '-virtfs',
    // A comma in a value is written twice.
    `local,path=${path.replaceAll(',', ',,')},mount_tag=${tag},security_model=none,${more}`,
  ];
  return [
    ...['-nodefaults', '-no-user-config', '-no-reboot', '-display', 'none', '-monitor', 'none'],
    // Not KVM: where it exists in a container or another machine, it may hang the guest.
    ...['-accel', 'tcg,thread=multi', '-cpu', 'max', '-smp', '2', '-m', '4096'],
    ...['-kernel', kernel.image, '-initrd', join(folder, 'initramfs')],
    ...['-append', 'console=ttyS0 panic=-1 loglevel=4 mitigations=off'],
    ...['-serial', `file:${join(folder, 'console')}`],
    ...shared('/', 'hostroot', 'readonly=on,multidevs=remap'),
    ...shared(folder, 'share', 'multidevs=remap'),
    ...['-nic', network ? 'user,model=virtio-net-pci' : 'none'],
  ];
}

/** Runs QEMU until it ends, or kills it; says how it ended. */
function runQemu(args: readonly string[], timeoutMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const qemu = spawn(findTool('qemu-system-x86_64'), args, {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    let late = false;
    const stop = () => qemu.kill('SIGKILL');
    const timer = setTimeout(() => {
      late = true;
      stop();
    }, timeoutMs);
    process.once('exit', stop);
    qemu.stderr.on('data', (text) => {
      said = `${said}${text}`.slice(-4_000);
    });
    qemu.on('error', reject);
    qemu.on('close', (code) => {
      clearTimeout(timer);
      process.off('exit', stop);
      const how = late ? 'QEMU was stopped, because the guest did not end' : `QEMU ended (${code})`;
      resolve(said === '' ? how : `${how}, saying: ${said.trim()};`);
    });
  });
}
