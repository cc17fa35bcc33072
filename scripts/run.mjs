// Runs a TypeScript script on any Node we support: `node scripts/run.mjs scripts/check.ts …`.
// It is bundled to a file first, because Node 20 does not read TypeScript.
import { basename, dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

process.chdir(dirname(dirname(fileURLToPath(import.meta.url))));
const [script, ...args] = process.argv.slice(2);
const outfile = join('node_modules/.cache/latchkey', `${basename(script, '.ts')}.mjs`);
await build({
  entryPoints: [script],
  outfile,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  packages: 'external',
  alias: { '#crypto': './src/crypto/node.ts' },
  sourcemap: 'inline',
  logLevel: 'warning',
});
process.argv = [process.execPath, script, ...args];
await import(pathToFileURL(outfile).href);
