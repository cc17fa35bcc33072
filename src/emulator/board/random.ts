import { suite } from '#crypto';
import { utf8 } from '../../bytes.ts';

/** The board's random number generator. */
export type RandomSource = (count: number) => Uint8Array;

/** A real random number generator. */
export const systemRandom: RandomSource = (count) => suite.randomBytes(count);

/**
 * Random bytes that a seed determines, for replayable simulation: SHA-256 over seed and block
 * number. Never for a dongle that guards anything.
 */
export function seededRandom(seed: number | string): RandomSource {
  const label = `latchkey simulation ${seed} `;
  let block = 0;
  let rest = new Uint8Array(0);
  return (count) => {
    const out = new Uint8Array(count);
    let filled = 0;
    while (filled < count) {
      if (rest.length === 0) rest = Uint8Array.from(suite.sha256(utf8(label + block++)));
      const part = rest.subarray(0, count - filled);
      out.set(part, filled);
      filled += part.length;
      rest = rest.subarray(part.length);
    }
    return out;
  };
}
