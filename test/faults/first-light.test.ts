import { describe, expect, test } from 'vitest';
import { cases, clauses } from '../../src/conformance/index.ts';
import { seed } from '../support/seed.ts';
import { occurrences, runSuite } from './faulty-suite.ts';
import faults from './first-light.json' with { type: 'json' };

/** Suites that run at the same time. */
const processes = 2;
let running = 0;
const queue: (() => void)[] = [];

/** Does `work` as soon as fewer than `processes` others are at it. */
async function inTurn<Value>(work: () => Promise<Value>): Promise<Value> {
  while (running >= processes) await new Promise<void>((resolve) => queue.push(resolve));
  running++;
  try {
    return await work();
  } finally {
    running--;
    queue.shift()?.();
  }
}

describe(`planted faults, SEED=${seed}`, () => {
  test('each is an edit at exactly one place, under a clause that has cases', async () => {
    for (const fault of faults) {
      expect(await occurrences(fault), fault.name).toBe(1);
      expect(fault.file).toMatch(/^src\/(emulator|protocol)\//);
      expect(clauses).toContain(fault.clause);
      expect(cases.some(({ clause }) => clause === fault.clause)).toBe(true);
    }
    expect(new Set(faults.map(({ name }) => name)).size).toBe(faults.length);
  });

  test.concurrent('without a fault, every case passes', async () => {
    const report = await inTurn(() => runSuite('none', seed));
    expect(report.results.filter(({ ok }) => !ok)).toEqual([]);
    expect(report.passed).toBeGreaterThanOrEqual(cases.length);
  });

  for (const [i, fault] of faults.entries()) {
    test.concurrent(`is caught by ${fault.clause}: ${fault.name}`, async () => {
      const { clause } = fault;
      const report = await inTurn(() => runSuite(String(i), seed, { fault, clause }));
      expect(report.results.filter(({ ok }) => !ok)).not.toEqual([]);
    });
  }
});
