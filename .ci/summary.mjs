// Prints "N passed, N failed, N skipped" for .ci/run:
// node .ci/summary.mjs <exit status> <report of the check> <report of vitest>
import { readFileSync } from 'node:fs';

const [status, checkReport, testReport] = process.argv.slice(2);

/** The counts in one report; a stage that died before it wrote any counts as one failure. */
function count(path, read) {
  try {
    return read(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

const check = count(checkReport, (steps) => {
  const passed = steps.filter(({ ok }) => ok).length;
  return { passed, failed: steps.length - passed, skipped: 0 };
});
const test = count(testReport, (report) => {
  // A file that cannot be loaded is a failed suite without a failed test.
  const broken = report.testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
  );
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + broken.length,
    skipped: report.numPendingTests + report.numTodoTests,
  };
});

let failed = check.failed + test.failed;
if (status !== '0' && failed === 0) failed = 1;
console.log(
  `${check.passed + test.passed} passed, ${failed} failed, ${check.skipped + test.skipped} skipped`,
);
