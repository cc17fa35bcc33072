/**
 * Cuts the power at every write and erase of the store, and boots images that nobody has written;
 * `npm run test:powercut`. Exits with 1 where anything is lost.
 *
 *     --json       print one object: {cuts, doubleCuts, images, lost, half, regressed, seed}
 *     --seed <n>   what randomness begins with (a new one each time unless given)
 *     --short      as little as `npm test` does
 */
import { parseArgs } from 'node:util';
import { checkPowerCuts, isClean } from '../test/powercut/check.ts';
import { fullPlan, shortPlan } from '../test/powercut/plans.ts';
import { seed as someSeed } from '../test/support/seed.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    seed: { type: 'string', default: String(someSeed) },
    short: { type: 'boolean', default: false },
  },
});
const seed = Number(values.seed);
if (!Number.isSafeInteger(seed) || seed < 0) throw new Error('--seed takes a whole number from 0');

const report = checkPowerCuts(values.short ? shortPlan : fullPlan, seed, (what) => {
  if (values.json && !process.stderr.isTTY) return;
  process.stderr.write(`${(performance.now() / 1000).toFixed(0).padStart(4)} s  ${what}\n`);
});
for (const breach of report.breaches) process.stderr.write(`${breach}\n`);
const result = { ...report.counts, seed };
if (values.json) {
  process.stdout.write(`${JSON.stringify(result)}\n`);
} else {
  for (const [name, count] of Object.entries(result)) console.log(`${name.padEnd(12)}${count}`);
}
if (!isClean(report)) process.exitCode = 1;
