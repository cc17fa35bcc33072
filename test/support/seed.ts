/** What randomness of a test run begins with: the environment's SEED, or a new one. */
export const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 0x1_0000_0000));

/** Whether the large counts of the nightly run are asked for. */
export const long = process.env['LATCHKEY_LONG'] !== undefined;

/** Random numbers that a seed determines. */
export interface Random {
  /** From 0 up to but not including 1. */
  float(): number;
  /** An integer from 0 up to but not including `limit`. */
  below(limit: number): number;
  bytes(count: number): Uint8Array;
  pick<Item>(items: readonly Item[]): Item;
}

/** Random numbers from a seed (mulberry32, public domain, by Tommy Ettinger). */
export function createRandom(from: number): Random {
  let state = from >>> 0;
  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }
  const below = (limit: number) => Math.floor((next() / 2 ** 32) * limit);
  return {
    float: () => next() / 2 ** 32,
    below,
    bytes: (count) => Uint8Array.from({ length: count }, () => next() & 0xff),
    pick: <Item>(items: readonly Item[]) => items[below(items.length)] as Item,
  };
}
