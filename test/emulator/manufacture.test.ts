import { expect, test } from 'vitest';
import { MemoryFlash, manufacture, type Rules, systemRandom } from '../../src/emulator/index.ts';

test.each<[string, Partial<Rules>]>([
  ['a lease that a verdict cannot tell', { leaseMs: 2 ** 32 }],
  ['a lockout of no time', { lockoutMs: 0 }],
  ['a shared dongle that refuses for no time', { sharedMs: 0 }],
  ['a time that is no whole number', { handoverMs: 0.5 }],
  ['nothing to count', { attaches: { count: 0, withinMs: 60_000 } }],
  ['more than the store keeps', { takeovers: { count: 65, withinMs: 60_000 } }],
  ['a total that is forgotten too soon', { allTakeovers: { count: 12, withinMs: 59_999 } }],
])('%s is no rule, and nothing is written', async (_name, rules) => {
  const flash = new MemoryFlash();
  await expect(manufacture(flash, systemRandom, 'LK-1', { rules })).rejects.toMatchObject({
    code: 'INVALID_ARGUMENT',
  });
  expect(flash.wear.programs).toBe(0);
});
