import { expect, test } from 'vitest';
import { cases } from '../../src/conformance/index.ts';
import { seed } from '../support/seed.ts';
import { describeFaults, runSuite } from './faulty-suite.ts';
import faults from './first-light.json' with { type: 'json' };

test(`without a fault, every case passes, SEED=${seed}`, async () => {
  const report = await runSuite('none', seed);
  expect(report.results.filter(({ outcome }) => outcome !== 'passed')).toEqual([]);
  expect(report.passed).toBeGreaterThanOrEqual(cases.length);
});

describeFaults('first-light', faults);
