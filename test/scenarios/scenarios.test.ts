import { describe, expect, test } from 'vitest';
import { attacks, normalLife, runScenario } from '../../src/conformance/scenarios/index.ts';
import { seed } from '../support/seed.ts';

describe(`normal life never locks, SEED=${seed}`, () => {
  expect(normalLife.length).toBeGreaterThanOrEqual(20);
  for (const scenario of normalLife) {
    test(scenario.name, async () => {
      const { failures, outcome } = await runScenario(scenario, seed);
      expect(failures).toEqual([]);
      expect(outcome).toBe('open');
    });
  }
});

describe(`attacks always lock, SEED=${seed}`, () => {
  expect(attacks.length).toBeGreaterThanOrEqual(10);
  for (const scenario of attacks) {
    test(scenario.name, async () => {
      const { failures, outcome } = await runScenario(scenario, seed);
      expect(failures).toEqual([]);
      expect(outcome).not.toBe('open');
    });
  }
});
