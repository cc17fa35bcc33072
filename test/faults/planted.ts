import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundle, bundles, root } from '../support/bundle.ts';

/** A mistake that the code could have, as an edit of one file. */
export interface Fault {
  readonly name: string;
  /** The rule that it breaks. */
  readonly clause: string;
  readonly file: string;
  /** Occurs exactly once in the file. */
  readonly find: string;
  readonly replace: string;
}

/** A program that looks for mistakes, and tells on standard output what it has found. */
export interface Program {
  /** Its first file. */
  readonly entry: string;
  /** The folders that it is made of. */
  readonly parts: readonly string[];
  readonly args: readonly string[];
}

const watchdogMs = 60_000;

/** Programs that run at the same time. */
const processes = 2;
let running = 0;
const queue: (() => void)[] = [];

/** Does `work` as soon as fewer than `processes` others are at it. */
export async function inTurn<Value>(work: () => Promise<Value>): Promise<Value> {
  while (running >= processes) await new Promise<void>((resolve) => queue.push(resolve));
  running++;
  try {
    return await work();
  } finally {
    running--;
    queue.shift()?.();
  }
}

/** How often `find` occurs in the file as it is. */
export async function occurrences({ file, find }: Fault): Promise<number> {
  return (await readFile(join(root, file), 'utf8')).split(find).length - 1;
}

/**
 * Runs a program in a process of its own, made of a copy of the tree with the fault, and gives what
 * it prints. Rejects when that process crashes or hangs: then nothing has been caught.
 */
export async function runPlanted(
  label: string,
  fault: Fault | undefined,
  { entry, parts, args }: Program,
): Promise<string> {
  const tree = join(bundles, `${process.pid}-${label}`);
  try {
    await mkdir(tree, { recursive: true });
    for (const part of parts) await cp(join(root, part), join(tree, part), { recursive: true });
    if (fault !== undefined) await plant(tree, fault);
    const outfile = await bundle(`${process.pid}-${label}`, entry, tree);
    return await outputOf([outfile, ...args]);
  } finally {
    await rm(tree, { recursive: true, force: true });
  }
}

async function plant(tree: string, { file, find, replace }: Fault): Promise<void> {
  const path = join(tree, file);
  const text = await readFile(path, 'utf8');
  // A function, as a plain string would have its `$` interpreted.
  await writeFile(
    path,
    text.replace(find, () => replace),
  );
}

function outputOf(args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { timeout: watchdogMs, killSignal: 'SIGKILL', maxBuffer: 2 ** 24 } as const;
    execFile(process.execPath, args, options, (error, stdout) => {
      if (error === null) resolve(stdout);
      else reject(error);
    });
  });
}
