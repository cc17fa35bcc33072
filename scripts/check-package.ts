/**
 * Checks the package as a user gets it: packs it (without building), lints the tarball with
 * publint and attw, unpacks it beside its runtime dependencies alone, and compiles and runs
 * programs that use it with `skipLibCheck: false`.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { packageEntries } from './package-entries.ts';

const root = mkdtempSync(join(tmpdir(), 'latchkey-package-'));
const bin = (name: string) => resolve('node_modules/.bin', name);
let failed = false;

/** Runs a command in `cwd` and prints what it says if it fails. */
function step(name: string, cwd: string, command: string, args: readonly string[]): void {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  console.log(`${status === 0 ? 'ok    ' : 'FAILED'} ${name}`);
  if (status === 0) return;
  failed = true;
  console.log(stdout + stderr);
}

/** A folder with the unpacked package and the packages it brings along, and no others. */
function consumer(name: string, tarball: string, extraPackages: readonly string[] = []): string {
  const folder = join(root, name);
  const home = join(folder, 'node_modules/latchkey');
  mkdirSync(home, { recursive: true });
  execFileSync('tar', ['-xzf', tarball, '-C', home, '--strip-components=1']);
  const lock: { packages: Record<string, { dev?: boolean }> } = JSON.parse(
    readFileSync('package-lock.json', 'utf8'),
  );
  const runtime = Object.keys(lock.packages).filter((path) => path && !lock.packages[path]?.dev);
  for (const path of [...runtime, ...extraPackages]) {
    cpSync(path, join(folder, path), { recursive: true });
  }
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  return folder;
}

/** Writes a program that imports `specifiers` and goes on with `code`, and a tsconfig for it. */
function program(
  folder: string,
  specifiers: readonly string[],
  options: object,
  code: readonly string[] = [],
): void {
  const names = specifiers.map((_, i) => `entry${i}`);
  const lines = specifiers.map((specifier, i) => `import * as ${names[i]} from '${specifier}';`);
  lines.push(`if ([${names}].some((entry) => Object.keys(entry).length === 0)) throw 'empty';`);
  lines.push(...code);
  writeFileSync(join(folder, 'program.ts'), lines.join('\n'));
  const compilerOptions = {
    module: 'nodenext',
    moduleResolution: 'nodenext',
    target: 'es2022',
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    ...options,
  };
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ compilerOptions, files: ['program.ts'] }),
  );
}

try {
  const packed = execFileSync(
    'npm',
    ['pack', '--ignore-scripts', '--json', '--pack-destination', root],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const tarball = join(root, JSON.parse(packed)[0].filename);
  const specifiers = packageEntries().map(({ specifier }) => specifier);

  step('publint', '.', bin('publint'), ['run', tarball, '--strict']);
  step('attw', '.', bin('attw'), [tarball, '--profile', 'esm-only', '--no-emoji']);

  const forNode = consumer('node', tarball, [
    'node_modules/@types/node',
    'node_modules/undici-types',
  ]);
  program(forNode, specifiers, { types: ['node'], lib: ['ES2023'] }, [
    // The packages with native code load, and a program that has looked around ends by itself.
    `import { listDongles, type FoundDongle } from 'latchkey/node';`,
    `const found: FoundDongle[] = await listDongles();`,
    `if (!Array.isArray(found)) throw 'no list';`,
  ]);
  step('compiles for Node, every entry', forNode, bin('tsc'), []);
  step('runs on Node, every entry', forNode, process.execPath, ['program.js']);

  const forPage = consumer('page', tarball);
  const pageSpecifiers = ['latchkey', 'latchkey/protocol'];
  const lib = ['ES2023', 'ESNext.Disposable', 'DOM'];
  program(forPage, pageSpecifiers, { types: ['w3c-web-usb'], lib }, [
    // What a page has is what the entry takes.
    `import { requestDongle, type FoundDongle } from 'latchkey';`,
    `export const found: Promise<FoundDongle> = requestDongle({ usb: navigator.usb });`,
  ]);
  step(`compiles for a page, ${pageSpecifiers.join(' and ')}`, forPage, bin('tsc'), []);
} finally {
  rmSync(root, { recursive: true });
}
if (failed) process.exitCode = 1;
