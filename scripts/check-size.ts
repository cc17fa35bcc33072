/**
 * Bundles the browser-safe entry as a page's bundler would and weighs it. Fails over the limit, or
 * when something of Node got in.
 */
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

/** The whole entry, minified and gzipped, in bytes. */
const limitBytes = 60_000;

const { outputFiles, metafile } = await build({
  entryPoints: ['dist/index.js'],
  bundle: true,
  minify: true,
  platform: 'browser',
  format: 'esm',
  target: 'es2022',
  // Not this repository's paths: `#crypto` resolves as for a user.
  tsconfigRaw: {},
  write: false,
  metafile: true,
  // Node's modules do not resolve for a page, so that one of them fails the build.
  logLevel: 'error',
}).catch(() => process.exit(1));

const bytes = gzipSync(outputFiles[0]?.contents ?? '', { level: 9 }).length;
console.log(`latchkey in a page: ${(bytes / 1000).toFixed(1)} kB of ${limitBytes / 1000} kB`);
const inputs = Object.entries(Object.values(metafile.outputs)[0]?.inputs ?? {});
for (const [path, { bytesInOutput }] of inputs
  .sort(([, a], [, b]) => b.bytesInOutput - a.bytesInOutput)
  .slice(0, 5)) {
  console.log(`${(bytesInOutput / 1000).toFixed(1).padStart(8)} kB minified  ${path}`);
}
if (bytes > limitBytes) {
  console.log(`That is ${bytes - limitBytes} bytes over the limit.`);
  process.exitCode = 1;
}
