import type { CaseResult } from './runner.ts';

/** All results of one device. */
export interface Report {
  readonly target: string;
  readonly ok: boolean;
  readonly passed: number;
  readonly failed: number;
  readonly results: readonly CaseResult[];
}

/** Sums up results; the report is plain data. An empty one is not ok. */
export function createReport(target: string, results: readonly CaseResult[]): Report {
  const passed = results.filter(({ ok }) => ok).length;
  const failed = results.length - passed;
  return { target, ok: failed === 0 && passed > 0, passed, failed, results };
}

/** The report for people: what failed, clause by clause, and the sums. */
export function formatReport({ target, results, passed, failed }: Report): string {
  const clauses = [...new Set(results.map(({ clause }) => clause))];
  const lines = clauses.flatMap((clause) => {
    const own = results.filter((result) => result.clause === clause);
    const bad = own.filter(({ ok }) => !ok);
    return [
      `  ${bad.length === 0 ? '✓' : '✗'} ${clause.padEnd(26)} ${own.length - bad.length}/${own.length}`,
      ...bad.map(({ name, face, failure }) => `      ${name} on ${face}: ${failure}`),
    ];
  });
  return [target, ...lines, `${passed} passed, ${failed} failed`].join('\n');
}
