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
// the report as JSON. An argument chooses the cases of one clause, of which the first failure is
// enough. The tests of planted faults bundle this program with firmware that has one.

const [seed = 'conformance', clause] = process.argv.slice(2);

async function* run(): AsyncGenerator<CaseResult> {
  for (const each of cases) {
    if (clause !== undefined && each.clause !== clause) continue;
    for (const face of allFaces) {
      for (const speed of ['full', 'high'] as const) {
        if (!appliesTo(each, face, { usb: { speed }, power: true, licenses: true, updates: true }))
          continue;
        const target = await virtualTarget(`${seed} ${each.name} ${face}`, speed);
        yield runCase(target, face, each);
      }
    }
  }
}

const results: CaseResult[] = [];
for await (const result of run()) {
  results.push(result);
  if (clause !== undefined && result.outcome === 'failed') break;
}
process.stdout.write(JSON.stringify(createReport('emulated dongle in virtual time', results)));
