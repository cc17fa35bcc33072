import { describe, expect, test } from 'vitest';
import { cases, clauses, type Report } from '../../src/conformance/index.ts';
import { seed } from '../support/seed.ts';
import { type Fault, inTurn, occurrences, runPlanted } from './planted.ts';

/** Tests that the suite catches each of the faults; `label` is a word of their own. */
export function describeFaults(label: string, faults: readonly Fault[]): void {
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

    for (const [i, fault] of faults.entries()) {
      test.concurrent(`is caught by ${fault.clause}: ${fault.name}`, async () => {
        const { clause } = fault;
        const report = await inTurn(() => runSuite(`${label}-${i}`, seed, { fault, clause }));
        expect(report.failed).toBeGreaterThan(0);
      });
    }
  });
}

/** Runs the suite, or one clause of it, in a process of its own on firmware with the fault. */
export async function runSuite(
  label: string,
  seed: number,
  { fault, clause }: { fault?: Fault; clause?: string } = {},
): Promise<Report> {
  const output = await runPlanted(label, fault, {
    entry: 'test/support/conformance-child.ts',
    parts: ['src', 'test/support', 'test/fixtures'],
    args: [String(seed), ...(clause === undefined ? [] : [clause])],
  });
  return JSON.parse(output) as Report;
}
