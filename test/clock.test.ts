import { expect, test } from 'vitest';
import { systemClock } from '../src/clock.ts';

test.each([2 ** 31, 2 ** 40, Number.POSITIVE_INFINITY])(
  'a delay of %d ms does not fire at once',
  async (delayMs) => {
    let fired = false;
    const cancel = systemClock.after(delayMs, () => {
      fired = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 20));
    cancel();
    expect(fired).toBe(false);
  },
);

test('a timer that was taken back does not fire', async () => {
  let fired = false;
  systemClock.after(1, () => {
    fired = true;
  })();
  await new Promise((resolve) => setTimeout(resolve, 10));
  expect(fired).toBe(false);
});
