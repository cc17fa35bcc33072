// Runs the benchmark: `npm run bench` at the root of the repository. See README.md here.
import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

function run(command, parameters, options = {}) {
  const { status, error } = spawnSync(command, parameters, { stdio: 'inherit', ...options });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

/** 0 for a file that is not there. */
const modifiedMs = (path) => statSync(here(path), { throwIfNoEntry: false })?.mtimeMs ?? 0;

// npm writes the first of the two when an installation is complete.
if (modifiedMs('node_modules/.package-lock.json') < modifiedMs('package-lock.json')) {
  process.stderr.write('bench: installing the packages to compare with (once)\n');
  // Nothing goes to stdout, which is for figures. None of the packages needs its install script.
  run(
    'npm',
    ['ci', '--prefix', here('.'), '--ignore-scripts', '--no-audit', '--no-fund', '--silent'],
    {
      stdio: ['inherit', process.stderr, process.stderr],
    },
  );
}

const { build } = await import('esbuild');
const program = here('dist/main.js');
await build({
  entryPoints: [here('main.ts')],
  outfile: program,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  alias: { '#crypto': here('../src/crypto/node.ts') },
  logLevel: 'warning',
});
run(process.execPath, [program, ...process.argv.slice(2)]);
