import { expect, test } from 'vitest';
import { shareable } from '../../src/client/shareable.ts';

test('what is shared is let go of once, with the last share', () => {
  let letGo = 0;
  const share = shareable(() => letGo++);
  const [first, second] = [share(), share()];
  first?.();
  first?.();
  expect(letGo).toBe(0);
  second?.();
  second?.();
  expect(letGo).toBe(1);
});

test('there is no share of what was let go of', () => {
  let letGo = 0;
  const share = shareable(() => letGo++);
  share()?.();
  expect(share()).toBeUndefined();
  expect(letGo).toBe(1);
});
