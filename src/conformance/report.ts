import type { CaseResult } from './runner.ts';

/** All results of one device. */
export interface Report {
  readonly target: string;
  readonly ok: boolean;
  readonly passed: number;
  readonly failed: number;
  readonly notApplicable: number;
  readonly results: readonly CaseResult[];
}

/** Sums up results; the report is plain data. One in which nothing has passed is not ok. */
export function createReport(target: string, results: readonly CaseResult[]): Report {
  const count = (outcome: CaseResult['outcome']) =>
    results.filter((result) => result.outcome === outcome).length;
  const passed = count('passed');
  const failed = count('failed');
  const notApplicable = count('not applicable');
  return { target, ok: failed === 0 && passed > 0, passed, failed, notApplicable, results };
}

/** The report for people: what failed, clause by clause, and the sums. */
export function formatReport(report: Report): string {
  const { target, results, passed, failed, notApplicable } = report;
  const clauses = [...new Set(results.map(({ clause }) => clause))];
  const lines = clauses.flatMap((clause) => {
    const own = results.filter((result) => result.clause === clause);
    const run = own.filter(({ outcome }) => outcome !== 'not applicable');
    if (run.length === 0) return [`  – ${clause.padEnd(26)} not applicable`];
    const bad = run.filter(({ outcome }) => outcome === 'failed');
    return [
      `  ${bad.length === 0 ? '✓' : '✗'} ${clause.padEnd(26)} ${run.length - bad.length}/${run.length}`,
      ...bad.map(({ name, face, failure }) => `      ${name} on ${face}: ${failure}`),
    ];
  });
  const sums = `${passed} passed, ${failed} failed, ${notApplicable} not applicable`;
  return [target, ...lines, sums].join('\n');
}
