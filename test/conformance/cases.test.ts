import { describe, expect, test } from 'vitest';
import { allFaces, appliesTo, cases, clauses, runCase } from '../../src/conformance/index.ts';
import { virtualTarget } from '../support/conformance-target.ts';
import { seed } from '../support/seed.ts';

describe('the cases', () => {
  test('are plain data', () => {
    expect(JSON.parse(JSON.stringify(cases))).toEqual(cases);
  });

  test('have names of their own', () => {
    expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
  });

  test('check every clause', () => {
    expect(new Set(cases.map(({ clause }) => clause))).toEqual(new Set(clauses));
  });
});

describe.each(allFaces)(`an emulated dongle in virtual time, by %s, SEED=${seed}`, (face) => {
  for (const each of cases.filter((one) => appliesTo(one, face))) {
    test(`${each.clause} ${each.name}: ${each.title}`, async () => {
      const target = await virtualTarget(`${seed} ${each.name} ${face}`);
      const result = await runCase(target, face, each);
      expect(result.failure).toBeUndefined();
      expect(result.ok).toBe(true);
    });
  }
});
