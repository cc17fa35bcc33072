// Runs the tests on other versions of Node, one after the other: `npm run test:nodes -- [major…]`.
// The binaries are the npm packages node-linux-*, kept in node_modules/.cache.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';

const majors = process.argv.length > 2 ? process.argv.slice(2) : ['22', '24'];
if (process.platform !== 'linux') {
  console.error('The packaged binaries of Node are for Linux; use a version manager here.');
  process.exit(1);
}

/** The folder that has this Node's binary, fetched on first use. */
function fetchNode(major) {
  const folder = resolve('node_modules/.cache/latchkey', `node-${major}`);
  const binFolder = join(folder, 'package/bin');
  if (existsSync(join(binFolder, 'node'))) return binFolder;
  mkdirSync(folder, { recursive: true });
  const spec = `node-linux-${process.arch}@${major}`;
  execFileSync('npm', ['pack', spec, '--pack-destination', folder], { stdio: 'ignore' });
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'));
  execFileSync('tar', ['-xzf', join(folder, tarball), '-C', folder]);
  return binFolder;
}

const projects = ['--project', 'process', '--project', 'thorough'];

const results = majors.map((major) => {
  const binFolder = fetchNode(major);
  const node = join(binFolder, 'node');
  const version = execFileSync(node, ['--version'], { encoding: 'utf8' }).trim();
  console.log(`\n── Node ${version} ──`);
  const { status } = spawnSync(node, ['node_modules/vitest/vitest.mjs', 'run', ...projects], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, PATH: `${binFolder}${delimiter}${process.env.PATH}` },
  });
  return { version, ok: status === 0 };
});

console.log('');
for (const { version, ok } of results) console.log(`${ok ? 'ok    ' : 'FAILED'} Node ${version}`);
if (results.some(({ ok }) => !ok)) process.exitCode = 1;
