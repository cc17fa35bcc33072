import { expect, test } from 'vitest';
import { missingRules, searchWithout } from './faulty-model.ts';
import { occurrences } from './planted.ts';

test('each rule is taken out at exactly one place', async () => {
  for (const rule of missingRules) expect(await occurrences(rule), rule.name).toBe(1);
  expect(new Set(missingRules.map(({ name }) => name)).size).toBe(missingRules.length);
});

for (const rule of missingRules) {
  test.concurrent(`is missed when it is taken out: ${rule.clause}`, async () => {
    const { violations } = await searchWithout(rule);
    expect(violations.map(({ property }) => property)).toHaveLength(1);
  }, 300_000);
}
