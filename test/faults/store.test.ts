import { describe, expect, test } from 'vitest';
import { checkWith, storeFaults } from './faulty-powercut.ts';
import { occurrences } from './planted.ts';

// Always the same: so few images do not show each fault with every seed.
const seed = 1;

describe(`planted faults of the store, SEED=${seed}`, () => {
  test('each is an edit at exactly one place, and says what must be found', async () => {
    for (const fault of storeFaults) {
      expect(await occurrences(fault), fault.name).toBe(1);
      expect(['lost', 'half', 'regressed']).toContain(fault.clause);
      expect(fault.file).toMatch(/^src\/emulator\/firmware\/store\//);
    }
    expect(new Set(storeFaults.map(({ name }) => name)).size).toBe(storeFaults.length);
  });

  test.concurrent('without one, nothing is found', async () => {
    expect((await checkWith(undefined, seed)).breaches).toEqual([]);
  });

  for (const fault of storeFaults) {
    test.concurrent(`something is ${fault.clause} when ${fault.name}`, async () => {
      const { counts } = await checkWith(fault, seed);
      expect(counts[fault.clause as 'lost' | 'half' | 'regressed']).toBeGreaterThan(0);
    });
  }
});
