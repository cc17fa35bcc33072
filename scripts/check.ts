/**
 * Everything but the tests that a change must pass, step by step; `npm run check`.
 *
 *     --report <file>   also writes the results there, as JSON
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { delimiter, resolve } from 'node:path';
import { parseArgs } from 'node:util';

const run = 'node scripts/run.mjs';

/** In this order: the steps after `build` look at what it wrote. */
const steps: readonly (readonly [name: string, command: string])[] = [
  ['format and lint', 'biome check --error-on-warnings .'],
  ['types', 'tsc -p tsconfig.json'],
  ['types in a page', 'tsc -p tsconfig.browser.json'],
  ['dead code', 'knip --no-progress'],
  ['docs', `${run} scripts/generate-docs.ts --check`],
  ['build', 'tsup --silent'],
  ['package', `${run} scripts/check-package.ts`],
  ['API report', `${run} scripts/api-report.ts --check`],
  ['size', `${run} scripts/check-size.ts`],
];

const { values } = parseArgs({ options: { report: { type: 'string' } } });
const env = {
  ...process.env,
  PATH: `${resolve('node_modules/.bin')}${delimiter}${process.env['PATH']}`,
};

let built = true;
const results = steps.map(([name, command]) => {
  console.log(`\n── ${name} ── ${command}`);
  if (!built) {
    console.log('Not run, because the build failed.');
    return { name, ok: false, seconds: 0 };
  }
  const startMs = performance.now();
  const { status } = spawnSync(command, {
    shell: true,
    stdio: ['ignore', 'inherit', 'inherit'],
    env,
  });
  if (name === 'build') built = status === 0;
  return { name, ok: status === 0, seconds: (performance.now() - startMs) / 1000 };
});

console.log('\n── summary ──');
for (const { name, ok, seconds } of results) {
  console.log(`${ok ? 'ok    ' : 'FAILED'} ${seconds.toFixed(1).padStart(6)} s  ${name}`);
}
if (values.report !== undefined) writeFileSync(values.report, JSON.stringify(results));
if (results.some(({ ok }) => !ok)) process.exitCode = 1;
