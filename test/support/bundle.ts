import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** The root of the repository, also for scripts, which are bundled to another place. */
export const root = rootAbove(dirname(fileURLToPath(import.meta.url)));

function rootAbove(folder: string): string {
  return existsSync(join(folder, 'package.json')) ? folder : rootAbove(dirname(folder));
}

/** Where bundles lie; a good place for copies of the tree too. */
export const bundles = join(root, 'node_modules/.cache/latchkey-test');

/**
 * Bundles a program for a Node process of its own and gives its path. It lies below node_modules, so
 * that the packages that stay outside the bundle are found.
 *
 * @param name - of the bundle
 * @param entry - path of the program's first file below `tree`
 * @param tree - the repository, or a copy of it
 */
export async function bundle(name: string, entry: string, tree = root): Promise<string> {
  const outfile = join(bundles, `${name}.mjs`);
  await build({
    absWorkingDir: tree,
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    // In one file but for those with native code, and the browser's driver: on a slow machine it is
    // the many small files that take time.
    external: ['node-hid', 'usb', 'playwright-core'],
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
    minifySyntax: true,
    minifyWhitespace: true,
    alias: { '#crypto': join(tree, 'src/crypto/node.ts') },
    logLevel: 'warning',
  });
  return outfile;
}

/**
 * Bundles what a page loads, all in one file, with the page's cryptography; gives its path.
 *
 * @param name - of the bundle
 * @param entry - path of the first file below the repository
 */
export async function bundlePage(name: string, entry: string): Promise<string> {
  const outfile = join(bundles, `${name}.js`);
  await build({
    absWorkingDir: root,
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'browser',
    format: 'iife',
    target: 'es2022',
    alias: { '#crypto': join(root, 'src/crypto/browser.ts') },
    logLevel: 'warning',
  });
  return outfile;
}
