import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { cases, clauses, type Report } from '../../src/conformance/index.ts';
import { bundle, bundles, root } from '../support/bundle.ts';
import { seed } from '../support/seed.ts';

/** A mistake that firmware could have, as an edit of one file. */
interface Fault {
  readonly name: string;
  /** The rule that it breaks; a case of that clause must fail. */
  readonly clause: string;
  readonly file: string;
  /** Occurs exactly once in the file. */
  readonly find: string;
  readonly replace: string;
}

const program = 'test/support/conformance-child.ts';
const watchdogMs = 30_000;

/** Suites that run at the same time. */
const processes = 2;
let running = 0;
const queue: (() => void)[] = [];

/** Tests that the suite catches each of the faults; `label` is a word of their own. */
export function describeFaults(label: string, faults: readonly Fault[]): void {
  describe(`planted faults, SEED=${seed}`, () => {
    test('each is an edit at exactly one place, under a clause that has cases', async () => {
      for (const fault of faults) {
        expect(await occurrences(fault), fault.name).toBe(1);
        expect(fault.file).toMatch(/^src\/(emulator|protocol)\//);
        expect(clauses).toContain(fault.clause);
        expect(cases.some(({ clause }) => clause === fault.clause)).toBe(true);
      }
      expect(new Set(faults.map(({ name }) => name)).size).toBe(faults.length);
    });

    for (const [i, fault] of faults.entries()) {
      test.concurrent(`is caught by ${fault.clause}: ${fault.name}`, async () => {
        const { clause } = fault;
        const report = await inTurn(() => runSuite(`${label}-${i}`, seed, { fault, clause }));
        expect(report.failed).toBeGreaterThan(0);
      });
    }
  });
}

/** Does `work` as soon as fewer than `processes` others are at it. */
async function inTurn<Value>(work: () => Promise<Value>): Promise<Value> {
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
async function occurrences({ file, find }: Fault): Promise<number> {
  return (await readFile(join(root, file), 'utf8')).split(find).length - 1;
}

/**
 * Runs the suite, or one clause of it, in a process of its own on firmware with the fault. Rejects
 * when that process crashes or hangs: then no case has caught anything.
 */
export async function runSuite(
  label: string,
  seed: number,
  { fault, clause }: { fault?: Fault; clause?: string } = {},
): Promise<Report> {
  const tree = join(bundles, `${process.pid}-${label}`);
  try {
    await mkdir(tree, { recursive: true });
    for (const part of ['src', 'test/support', 'test/fixtures']) {
      await cp(join(root, part), join(tree, part), { recursive: true });
    }
    if (fault !== undefined) await plant(tree, fault);
    const outfile = await bundle(`${process.pid}-${label}`, program, tree);
    const args = [outfile, String(seed), ...(clause === undefined ? [] : [clause])];
    return JSON.parse(await outputOf(args)) as Report;
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
