import { describe, expect, test } from 'vitest';
import { TornFlash } from '../../../src/emulator/board/torn-flash.ts';
import { addUnits } from '../../../src/emulator/firmware/licenses/index.ts';
import { createRandom, seed } from '../../support/seed.ts';
import {
  bootLicensed,
  deviceWith,
  formatted,
  put,
  replugged,
  start,
  take,
  vendor,
} from './device.ts';

describe('taking units', () => {
  test('takes them until there are none, and then nothing', () => {
    const device = deviceWith({ units: 3 });
    expect(take(device, 'a')).toEqual({ ok: true, value: 2 });
    expect(take(device, 'b', { units: 3 })).toEqual({ ok: false, code: 'LICENSE_USED_UP' });
    expect(take(device, 'c', { units: 2 })).toEqual({ ok: true, value: 0 });
    expect(take(device, 'd')).toEqual({ ok: false, code: 'LICENSE_USED_UP' });
    expect(device.entry(100).usedUnits).toBe(3);
  });

  test('that is repeated takes nothing and gives the same answer, over a loss of power too', () => {
    const device = deviceWith({ units: 3 });
    for (const name of ['a', 'b', 'c']) take(device, name);
    expect(take(device, 'a')).toEqual({ ok: true, value: 2 });
    const again = replugged(device);
    expect(take(again, 'b')).toEqual({ ok: true, value: 1 });
    expect(take(again, 'c')).toEqual({ ok: true, value: 0 });
    expect(again.entry(100).usedUnits).toBe(3);
  });

  test('by a request that was something else is refused, and takes nothing', () => {
    const device = deviceWith({ units: 3 });
    take(device, 'a');
    for (const other of [{ units: 2 }, { content: 'other' }]) {
      expect(take(device, 'a', other)).toEqual({ ok: false, code: 'INVALID_ARGUMENT' });
    }
    expect(device.entry(100).usedUnits).toBe(1);
  });

  test('remembers the last eight requests', () => {
    const device = deviceWith({ units: 20 });
    for (let i = 0; i < 9; i++) take(device, `${i}`);
    for (let i = 8; i > 0; i--) expect(take(device, `${i}`).ok).toBe(true);
    expect(device.entry(100).usedUnits).toBe(9);
    expect(take(device, '0')).toEqual({ ok: true, value: 10 });
    expect(device.entry(100).usedUnits).toBe(10);
  });

  test('of no units takes and remembers nothing', () => {
    const device = deviceWith({ units: 0 });
    const { generation } = device.ledger;
    expect(take(device, 'a', { units: 0 })).toEqual({ ok: true, value: 0 });
    expect(device.ledger.generation).toBe(generation);
  });

  test('counts units that are not limited, and says nothing of what is left', () => {
    const device = deviceWith({});
    expect(take(device, 'a', { units: 5 })).toEqual({ ok: true, value: undefined });
    expect(device.entry(100).usedUnits).toBe(5);
    expect(take(device, 'b', { units: 2 ** 48 - 5 })).toEqual({
      ok: false,
      code: 'LICENSE_USED_UP',
    });
  });

  test('goes on when an update adds units', () => {
    const device = deviceWith({ units: 1 });
    take(device, 'a');
    device.update((draft) => addUnits(draft, vendor, { product: 100, units: 10 }));
    expect(take(device, 'b')).toEqual({ ok: true, value: 9 });
  });

  test('is refused where the license has expired, also as a repeat', async () => {
    const device = deviceWith({ units: 3, expiry: start + 10 });
    take(device, 'a');
    await device.clock.advance(10_000);
    expect(take(device, 'a')).toEqual({ ok: false, code: 'LICENSE_EXPIRED' });
  });
});

test(`a power cut at any write while units are taken loses none and gives none back, SEED=${seed}`, () => {
  const random = createRandom(seed);
  let cuts = 0;
  let takenAnyway = 0;
  for (let at = 1; ; at++) {
    let isCut = false;
    for (let pattern = 0; pattern < 8; pattern++) {
      const flash = new TornFlash(formatted());
      const device = bootLicensed(flash);
      device.time.offer(start);
      put(device, { units: 10, usagePeriod: 1000, machine: [] });
      take(device, 'before');
      flash.cutAt(at, () => random.below(2) === 1);
      const names = ['a', 'b', 'c'];
      const failed = names.findIndex((name) => !take(device, name).ok);
      isCut = failed >= 0;
      const acknowledged = isCut ? failed : names.length;
      if (isCut) {
        cuts++;
        flash.powerOn();
      }
      const again = replugged(device);
      const { usedUnits, use } = again.entry(100);
      // The unit that was being taken may be gone, with its request; nothing else is.
      const unheard = usedUnits - 1 - acknowledged;
      expect(unheard).toBeGreaterThanOrEqual(0);
      expect(unheard).toBeLessThanOrEqual(isCut ? 1 : 0);
      expect(use.taken.length).toBe(usedUnits);
      expect(use.firstUse).toBe(start);
      takenAnyway += unheard;
      // Whoever asks again for all of it pays for each once.
      for (const name of ['before', ...names]) expect(take(again, name).ok).toBe(true);
      expect(again.entry(100).usedUnits).toBe(4);
    }
    if (!isCut) break;
  }
  expect(cuts).toBeGreaterThan(20);
  expect(takenAnyway).toBeGreaterThan(0);
});
