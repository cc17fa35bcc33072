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

const buses = allFaces.flatMap((face) =>
  (['full', 'high'] as const).map((speed) => ({ face, speed })),
);

describe.each(buses)(`an emulated dongle by $face at $speed speed, SEED=${seed}`, (bus) => {
  const { face, speed } = bus;
  for (const each of cases.filter((one) =>
    appliesTo(one, face, { usb: { speed }, power: true, licenses: true, updates: true }),
  )) {
    test(`${each.clause} ${each.name}: ${each.title}`, async () => {
      const target = await virtualTarget(`${seed} ${each.name} ${face}`, speed);
      const result = await runCase(target, face, each);
      expect(result.failure).toBeUndefined();
      expect(result.outcome).toBe('passed');
    });
  }
});
