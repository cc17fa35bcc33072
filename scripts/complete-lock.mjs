// Completes package-lock.json after a dependency has changed: `node scripts/complete-lock.mjs`.
//
// Some registry mirrors serve the optional packages of their own platform alone. npm leaves the
// others out of the lock then, and `npm ci` refuses such a lock on every platform. Their exact
// versions stand in the packages that want them, so they can be filled in; their hashes cannot.
import { readFileSync, writeFileSync } from 'node:fs';

const file = 'package-lock.json';
const systems = ['android', 'darwin', 'freebsd', 'linux', 'openbsd', 'openharmony', 'win32'];
const processors = [
  'arm',
  'arm64',
  'ia32',
  'loong64',
  'ppc64',
  'riscv64',
  's390x',
  'wasm32',
  'x64',
];

const lock = JSON.parse(readFileSync(file, 'utf8'));
let added = 0;
for (const [path, entry] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    const places = [`node_modules/${name}`, `${path}/node_modules/${name}`];
    if (places.some((place) => lock.packages[place] !== undefined)) continue;
    const words = name.split('/').at(-1).split('-');
    const os = words.find((word) => systems.includes(word));
    const cpu = words.find((word) => processors.includes(word));
    if (!/^\d+\.\d+\.\d+$/.test(version) || os === undefined || cpu === undefined) {
      console.log(`cannot complete ${name}@${version}`);
      continue;
    }
    const musl = words.some((word) => word.startsWith('musl'));
    const glibc = os === 'linux' && words.some((word) => word.startsWith('gnu'));
    lock.packages[`node_modules/${name}`] = {
      version,
      cpu: [cpu],
      ...(entry.dev && { dev: true }),
      ...((musl || glibc) && { libc: [musl ? 'musl' : 'glibc'] }),
      optional: true,
      os: [os],
    };
    added++;
  }
}
lock.packages = Object.fromEntries(
  Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)),
);
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
console.log(`${added} packages of other platforms added`);
