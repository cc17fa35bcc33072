/**
 * Searches all that can happen to two machines and a dongle, and then once more without each of the
 * rules, which has to find something. `--json` prints
 * `{ states, transitions, depth, violations, rules: [{ name, caught }] }`; `--depth` is 8 unless given.
 */
import { parseArgs } from 'node:util';
import { missingRules, searchWithout } from '../test/faults/faulty-model.ts';
import { search } from '../test/model/search.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    depth: { type: 'string', default: '8' },
  },
});
const say = (line: string) => {
  if (!values.json) console.log(line);
};

const startMs = performance.now();
const { states, transitions, depth, violations } = search({
  depth: Number(values.depth),
  onLevel: (level) =>
    say(`depth ${level.depth}: ${level.states} states, ${level.transitions} steps`),
});
for (const { property, steps } of violations) say(`✗ ${property}:\n    ${steps.join('\n    ')}`);
say(`${violations.length} violations, in ${((performance.now() - startMs) / 1000).toFixed(0)} s\n`);

const rules: { name: string; caught: string | undefined; steps: number }[] = [];
for (const rule of missingRules) {
  const [found] = (await searchWithout(rule)).violations;
  rules.push({ name: rule.clause, caught: found?.property, steps: (found?.steps.length ?? 1) - 1 });
  say(
    `${found ? '✓' : '✗'} without “${rule.clause}”: ${found ? `${found.property} (${found.steps.join(', ')})` : 'nothing found'}`,
  );
}
const isSound = violations.length === 0 && rules.every(({ caught }) => caught !== undefined);
if (values.json)
  console.log(JSON.stringify({ states, transitions, depth, violations, rules }, undefined, 2));
if (!isSound) process.exitCode = 1;
