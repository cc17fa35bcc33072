import type { Lockout, Scenario, ScenarioResult } from './scenario.ts';
import { Simulation } from './simulation.ts';

/** The shortest lockout, and how much it may last longer: once, and again for each loss of power. */
const lockoutMs = 300_000;
const graceMs = 1000;

/** Runs a scenario over the complete system in virtual time; the seed decides all that is random. */
export async function runScenario(
  scenario: Scenario,
  seed: number | string,
): Promise<ScenarioResult> {
  const simulation = await Simulation.create(`${seed} ${scenario.name}`);
  try {
    await simulation.do(scenario.steps, () => simulation.outcome === 'open');
    const { outcome, refusedAtMs, account, nowMs: lastedMs } = simulation;
    // As it is now: when a lockout is over, it goes on.
    const counts = { ...simulation.counts };
    const failures = judge(scenario, simulation);
    let lockout: Lockout | undefined;
    if (outcome === 'lockedOut') {
      await simulation.do(scenario.meanwhile ?? []);
      lockout = await simulation.awaitUnlocked();
      const { poweredMs, powerCuts } = lockout;
      if (poweredMs < lockoutMs || poweredMs > lockoutMs + graceMs * (1 + powerCuts))
        failures.push(`the lockout lasted ${poweredMs} ms, with ${powerCuts} power cuts`);
    }
    return {
      scenario,
      passed: failures.length === 0,
      failures,
      outcome,
      refusedAtMs,
      lastedMs,
      ...counts,
      lockout,
      account,
    };
  } finally {
    simulation.end();
  }
}

function judge({ outcome, licensed = [] }: Scenario, simulation: Simulation): string[] {
  const failures: string[] = [];
  if (simulation.outcome !== outcome) failures.push(`it ended ${simulation.outcome}`);
  for (const name of licensed) {
    if (!simulation.licensed.includes(name)) failures.push(`${name} is not licensed`);
  }
  const machines = new Set(simulation.licensed.map(([machine]) => machine));
  if (machines.size > 1) failures.push('several machines are licensed');
  return failures;
}
