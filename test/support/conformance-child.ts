import {
  allFaces,
  appliesTo,
  type CaseResult,
  cases,
  createReport,
  runCase,
} from '../../src/conformance/index.ts';
import { virtualTarget } from './conformance-target.ts';

// Runs the suite against an emulated dongle in virtual time, at both speeds of the bus, and prints
// the report as JSON. An argument chooses the cases of one clause. The tests of planted faults bundle this program with
// firmware that has one.

const [seed = 'conformance', clause] = process.argv.slice(2);
const results: CaseResult[] = [];
for (const each of cases) {
  if (clause !== undefined && each.clause !== clause) continue;
  for (const face of allFaces) {
    for (const speed of ['full', 'high'] as const) {
      if (!appliesTo(each, face, { speed })) continue;
      const target = await virtualTarget(`${seed} ${each.name} ${face}`, speed);
      results.push(await runCase(target, face, each));
    }
  }
}
process.stdout.write(JSON.stringify(createReport('emulated dongle in virtual time', results)));
