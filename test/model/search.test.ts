import { expect, test } from 'vitest';
import { long } from '../support/seed.ts';
import { search } from './search.ts';

// Shallower in the usual run; `npm run test:model` goes to depth 8.
const depth = long ? 8 : 6;

test(`two machines and a dongle: all that can happen in ${depth} steps`, () => {
  const { states, transitions, violations } = search({ depth });
  console.log(`${states} states, ${transitions} steps, depth ${depth}`);
  expect(violations).toEqual([]);
  expect(states).toBeGreaterThan(30_000);
});
