import { describe, expect, test } from 'vitest';
import { earliestOffer } from '../../../src/emulator/firmware/time/time-line.ts';
import { bootLicensed, day, replugged, start } from '../licenses/device.ts';

const refused = { ok: false, code: 'TIME_REFUSED' };

describe('the time of a dongle', () => {
  test('is not known until it is told, and counts on with the power', async () => {
    const device = bootLicensed();
    expect(device.time.now()).toBeUndefined();
    device.time.offer(start);
    await device.clock.advance(90_999);
    expect(device.time.now()).toBe(start + 90);
  });

  test('stands still without power, and never goes back by more than what was not written down', async () => {
    const device = bootLicensed();
    device.time.offer(start);
    await device.clock.advance(59_000);
    device.power.cut();
    await device.clock.advance(1_000_000_000);
    expect(replugged(device).time.now()).toBe(start);
    const again = replugged(device);
    await again.clock.advance(60_000);
    expect(replugged(again).time.now()).toBe(start + 60);
  });

  test('that a decision relied on is not gone back behind', async () => {
    const device = bootLicensed();
    device.time.offer(start);
    await device.clock.advance(45_000);
    device.time.hold(start + 40);
    expect(replugged(device).time.now()).toBe(start + 45);
  });

  test('that was held already is not written again', async () => {
    const device = bootLicensed();
    device.time.offer(start);
    await device.clock.advance(45_000);
    device.time.hold(start + 40);
    const before = device.ledger.store.count({ id: 1, name: '', kind: 'counter', maxBytes: 6 });
    await device.clock.advance(3_000);
    device.time.hold(start + 45);
    expect(device.ledger.store.count({ id: 1, name: '', kind: 'counter', maxBytes: 6 })).toBe(
      before,
    );
  });
});

describe('a system’s time', () => {
  test('may run a day ahead of the powered time, and no more', async () => {
    const device = bootLicensed();
    device.time.offer(start);
    expect(device.time.offer(start + day + 1)).toEqual(refused);
    expect(device.time.now()).toBe(start);
    expect(device.time.offer(start + day)).toEqual({ ok: true, value: { time: start + day } });
    expect(device.time.offer(start + 2 * day)).toEqual(refused);
    await device.clock.advance(1_000_000);
    expect(device.time.offer(start + day + 1000).ok).toBe(true);
    expect(device.time.offer(start + day + 1001)).toEqual(refused);
  });

  test('never goes back', () => {
    const device = bootLicensed();
    device.time.offer(start);
    device.time.offer(start + 1000);
    expect(device.time.offer(start + 10)).toEqual({ ok: true, value: { time: start + 1000 } });
    expect(device.time.offer(0)).toEqual({ ok: true, value: { time: start + 1000 } });
    expect(replugged(device).time.now()).toBe(start + 1000);
  });

  test('of a clock that was never set is not what a dongle begins with', () => {
    const device = bootLicensed();
    expect(device.time.offer(earliestOffer - 1)).toEqual(refused);
    expect(device.time.now()).toBeUndefined();
    expect(device.time.offer(earliestOffer).ok).toBe(true);
  });

  test('is written down when it moves by a minute, and not before', () => {
    const device = bootLicensed();
    device.time.offer(start);
    const { generation } = device.ledger;
    device.time.offer(start + 59);
    expect(device.ledger.generation).toBe(generation);
    expect(device.time.now()).toBe(start + 59);
    expect(replugged(device).time.now()).toBe(start);
    const again = replugged(device);
    again.time.offer(start + 30);
    again.time.offer(start + 60);
    expect(replugged(again).time.now()).toBe(start + 60);
  });
});

describe('a certified time', () => {
  test('takes the place of all that was offered, also where that was later', () => {
    const device = bootLicensed();
    device.time.offer(start + 10 * day);
    expect(device.time.certify(start, 0)).toEqual({ ok: true, value: { time: start } });
    device.time.offer(start + day);
    expect(device.time.certify(start + 5, 0)).toEqual({ ok: true, value: { time: start + 5 } });
    expect(replugged(device).time.now()).toBe(start + 5);
  });

  test('never runs backwards', async () => {
    const device = bootLicensed();
    device.time.certify(start, 0);
    await device.clock.advance(3_600_000);
    expect(device.time.certify(start + 1800, device.ledger.now())).toEqual(refused);
    expect(device.time.now()).toBe(start + 3600);
    expect(device.time.certify(start + 3600, device.ledger.now()).ok).toBe(true);
  });

  test('may have been under way since its nonce was made, and changes nothing then', async () => {
    const device = bootLicensed();
    device.time.certify(start, 0);
    await device.clock.advance(1_000_000);
    const askedMs = device.ledger.now();
    await device.clock.advance(500_000);
    expect(device.time.certify(start + 1000, askedMs)).toEqual({
      ok: true,
      value: { time: start + 1500 },
    });
  });

  test('tells how long ago it was, in powered time', async () => {
    const device = bootLicensed();
    await device.clock.advance(5000);
    expect(device.time.certified).toEqual({ time: undefined, poweredMs: 5000 });
    device.time.certify(start, 0);
    await device.clock.advance(7000);
    expect(device.time.certified).toEqual({ time: start, poweredMs: 7000 });
  });

  test('lets offers run ahead of it and of the powered time since', async () => {
    const device = bootLicensed();
    device.time.certify(start, 0);
    await device.clock.advance(day * 1000);
    expect(device.time.offer(start + 2 * day + 1)).toEqual(refused);
    expect(device.time.offer(start + 2 * day).ok).toBe(true);
  });
});
