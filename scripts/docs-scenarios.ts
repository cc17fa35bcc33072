import {
  attacks,
  normalLife,
  runScenario,
  type Scenario,
  type ScenarioResult,
} from '../src/conformance/scenarios/index.ts';
import { table } from './docs-tables.ts';

/** What the pages show is of this run. */
const seed = 1;

/** The two tables of scenarios, with what happened in each. */
export async function scenarioTables(): Promise<Record<string, () => string>> {
  const calm = table(
    ['what happens', 'attaches', 'bindings', 'takeovers', 'over', 'licensed in the end'],
    (await resultsOf(normalLife)).map(({ scenario, attaches, bindings, takeovers, lastedMs }) => [
      scenario.name,
      `${attaches}`,
      `${bindings}`,
      `${takeovers}`,
      timeOf(lastedMs),
      scenario.licensed?.join(', ') ?? 'nobody asks',
    ]),
  );
  const refused = table(
    [
      'what happens',
      'attaches',
      'takeovers',
      'refused after',
      'as',
      'lockout, powered',
      'power cuts in it',
    ],
    (await resultsOf(attacks)).map(
      ({ scenario, attaches, takeovers, refusedAtMs, outcome, lockout }) => [
        scenario.name,
        `${attaches}`,
        `${takeovers}`,
        timeOf(refusedAtMs ?? 0),
        outcome === 'lockedOut' ? 'locked out' : outcome,
        lockout === undefined ? '' : `${(lockout.poweredMs / 1000).toFixed(1)} s`,
        lockout === undefined ? '' : `${lockout.powerCuts}`,
      ],
    ),
  );
  return { 'normal-life': () => calm, attacks: () => refused };
}

async function resultsOf(scenarios: readonly Scenario[]): Promise<ScenarioResult[]> {
  const results: ScenarioResult[] = [];
  for (const scenario of scenarios) {
    const result = await runScenario(scenario, seed);
    if (!result.passed) throw new Error(`${scenario.name}: ${result.failures.join(', ')}`);
    results.push(result);
  }
  return results;
}

/** The two largest units of a time. */
function timeOf(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const parts: [number, string][] = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ];
  const first = parts.findIndex(([count]) => count > 0);
  const shown = parts.slice(first, first + 2).filter(([count]) => count > 0);
  return shown.map(([count, unit]) => `${count} ${unit}`).join(' ');
}
