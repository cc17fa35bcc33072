import { expect, test } from 'vitest';
import type { Case } from '../../src/conformance/index.ts';
import { allFaces, cases, runCase } from '../../src/conformance/index.ts';
import { realTimeTarget } from '../support/conformance-target.ts';

const slowCommand = cases.find(({ name }) => name === 'slow-command-delays-nobody') as Case;

// The last answer of the case is CANCELLED, so the real key was still being made when all the
// others were given.
test.each(allFaces)('a real RSA-4096 generation delays nobody, by %s', async (face) => {
  const result = await runCase(await realTimeTarget(), face, slowCommand);
  expect(result.failure).toBeUndefined();
});
