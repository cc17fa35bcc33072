import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** The path of a program that was bundled for the guest. */
export function programPath(name: string): string {
  return fileURLToPath(new URL(`${name}.mjs`, import.meta.url));
}

/** What a run of the command line came to. */
export interface Said {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end. */
export function run(
  program: string,
  words: readonly string[],
  options: { readonly uid?: number } = {},
): Promise<Said> {
  return new Promise((resolve) => {
    execFile(program, words, { ...options, timeout: 20_000 }, (error, stdout, stderr) => {
      const status = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      resolve({ status, stdout, stderr });
    });
  });
}

/** Runs `latchkey` with these words. */
export function latchkey(words: readonly string[], options: { readonly uid?: number } = {}) {
  return run(process.execPath, [programPath('kernel-latchkey'), ...words], options);
}

/** `latchkey emulate` as a process of its own, once it listens. */
export async function emulate(...words: string[]): Promise<ChildProcess> {
  const args = [programPath('kernel-latchkey'), 'emulate', '--json', ...words];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface(child.stdout);
  await new Promise<void>((resolve, reject) => {
    lines.on('line', (line) => {
      if (JSON.parse(line).event === 'listening') resolve();
    });
    child.on('exit', (code) => reject(new Error(`latchkey emulate ended (${code})`)));
  });
  return child;
}
