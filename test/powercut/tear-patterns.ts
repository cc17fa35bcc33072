import type { TearPattern } from '../../src/emulator/board/torn-flash.ts';
import { createRandom } from '../support/seed.ts';

/** Bits at random, each changed with the same chance. */
function randomBits(chance: number, seed: number): TearPattern {
  let random = createRandom(seed);
  return (bit) => {
    if (bit === 0) random = createRandom(seed);
    return random.float() < chance;
  };
}

/** Which of the changing bits change: the extremes, and chance. */
export const tearPatterns: Readonly<Record<string, TearPattern>> = {
  none: () => false,
  all: () => true,
  'the first alone': (bit) => bit === 0,
  'the last alone': (bit, count) => bit === count - 1,
  'all but the first': (bit) => bit !== 0,
  'all but the last': (bit, count) => bit !== count - 1,
  'the first half': (bit, count) => 2 * bit < count,
  'the last half': (bit, count) => 2 * bit >= count,
  'every other': (bit) => bit % 2 === 0,
  'a tenth at random': randomBits(0.1, 1),
  'half at random': randomBits(0.5, 2),
  'most at random': randomBits(0.9, 3),
};

/** Fewer of them, for what is done many times: extremes, and four that a seed decides. */
export function seededTearPatterns(seed: number): readonly (readonly [string, TearPattern])[] {
  return [
    ['nothing', () => false],
    ['everything', () => true],
    ['the first half', (bit, count) => bit < count / 2],
    ['every other bit', (bit) => bit % 2 === 0],
    ...Array.from({ length: 4 }, (_, i): [string, TearPattern] => {
      const random = createRandom(seed + i);
      return [`random bits ${i}`, () => random.below(2) === 0];
    }),
  ];
}
