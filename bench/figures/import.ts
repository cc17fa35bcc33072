import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Measurement } from '../harness/figure.ts';
import { median } from '../harness/median.ts';

const execute = promisify(execFile);

/** The repository's root, seen from the bundle in bench/dist. */
const root = fileURLToPath(new URL('../..', import.meta.url));

const timedImport = `
  const startedAt = performance.now();
  await import('latchkey');
  process.stdout.write(String(performance.now() - startedAt));
`;

/** How long `import('latchkey')` takes in a fresh Node process; Node's own start is not counted. */
export const importMeasurement: Measurement = {
  name: 'import',
  unit: 'ms',
  atMost: 30,
  async measure(samples) {
    await execute('npm', ['run', 'build'], { cwd: root });
    const times: number[] = [];
    for (let i = 0; i < samples; i++) times.push(await timeOne());
    return median(times);
  },
};

async function timeOne(): Promise<number> {
  // From the root, the package finds itself by its own name.
  const parameters = ['--input-type=module', '--eval', timedImport];
  const { stdout } = await execute(process.execPath, parameters, { cwd: root });
  return Number(stdout);
}
