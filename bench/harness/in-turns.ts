/** Does so many things in all, each of the ways one at a time. */
export async function inTurns(
  ways: readonly (() => Promise<unknown>)[],
  count: number,
): Promise<void> {
  let left = count;
  await Promise.all(
    ways.map(async (way) => {
      while (left-- > 0) await way();
    }),
  );
}
