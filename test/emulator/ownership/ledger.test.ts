import { expect, test } from 'vitest';
import { Store } from '../../../src/emulator/firmware/store/store.ts';
import { MemoryFlash, TornFlash, VirtualClock } from '../../../src/emulator/index.ts';
import { bootOwned } from './device.ts';

function formatted(): MemoryFlash {
  const flash = new MemoryFlash();
  Store.format(flash);
  return flash;
}

test('powered time goes on where it was written down last, and stands while there is no power', async () => {
  const flash = formatted();
  const clock = new VirtualClock();
  const first = bootOwned(flash, clock);
  await clock.advance(90_500);
  expect(first.ledger.now()).toBe(90_500);
  first.power.cut();
  await clock.advance(1_000_000);
  const second = bootOwned(flash, clock);
  // Written down at a minute, and not at the cut.
  expect(second.ledger.now()).toBe(60_000);
  await clock.advance(1500);
  expect(second.ledger.commit([])).toBe(true);
  second.power.cut();
  expect(bootOwned(flash, clock).ledger.now()).toBe(61_500);
});

test('powered time is written down on whole seconds of a lockout, and each minute after it', async () => {
  const flash = formatted();
  const clock = new VirtualClock();
  const { ledger } = bootOwned(flash, clock);
  await clock.advance(10_300);
  ledger.beginLockout(ledger.now(), ledger.now() + 5000);
  const stored = () => bootOwned(flash, clock).ledger.now();
  await clock.advance(999);
  expect(stored()).toBe(0);
  await clock.advance(1);
  expect(stored()).toBe(11_300);
  await clock.advance(4500);
  expect(stored()).toBe(15_300);
  await clock.advance(59_000);
  expect(stored()).toBe(15_300);
  await clock.advance(600);
  expect(stored()).toBe(75_300);
});

test('whole seconds are those since the lockout began, after a cut too', async () => {
  const flash = formatted();
  const clock = new VirtualClock();
  const first = bootOwned(flash, clock);
  first.ledger.beginLockout(-400, 100_000);
  await clock.advance(700);
  first.power.cut();
  const second = bootOwned(flash, clock);
  expect(second.ledger.now()).toBe(600);
  second.ledger.beginLockout(-400, 100_000);
  await clock.advance(1000);
  second.power.cut();
  expect(bootOwned(flash, clock).ledger.now()).toBe(1600);
});

test('flash that fails in the middle of a commit stops the chip', async () => {
  const flash = new TornFlash(formatted());
  const clock = new VirtualClock();
  const { ledger, power } = bootOwned(flash, clock);
  flash.cutAt(1, () => false);
  expect(ledger.commit([])).toBe(false);
  expect(power.on).toBe(false);
  flash.powerOn();
  expect(ledger.commit([])).toBe(false);
  await clock.advance(600_000);
});
