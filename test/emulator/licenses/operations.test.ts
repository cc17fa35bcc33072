import { describe, expect, test } from 'vitest';
import {
  addUnits,
  putLicense,
  putUserData,
  readUserData,
  renewCheckpoint,
  reportLicenses,
  seatTable,
  setLicenseState,
  setSeats,
  withdrawLicense,
} from '../../../src/emulator/firmware/licenses/index.ts';
import {
  bootLicensed,
  day,
  deviceWith,
  named,
  put,
  refusalOf,
  replugged,
  secret,
  start,
  take,
  vendor,
} from './device.ts';

describe('putting a license', () => {
  test('that is there changes it, and keeps what happened to it', () => {
    const device = deviceWith({ units: 5, usagePeriod: 100, machine: [], text: 'old' });
    take(device, 'a');
    put(device, { units: 8, usagePeriod: 200, machine: [], text: 'new' });
    const { license, usedUnits, use } = device.entry(100);
    expect(license.text).toBe('new');
    expect(usedUnits).toBe(1);
    expect(use.firstUse).toBe(start);
    expect(use.machine).toEqual([named('home', 8)]);
    expect(take(device, 'a')).toEqual({ ok: true, value: 7 });
  });

  test('forgets the machine of the first use when it does not bind any more', () => {
    const device = deviceWith({ machine: [], units: 5 });
    take(device, 'a');
    put(device, { machine: [named('elsewhere', 8)], units: 5 });
    expect(refusalOf(device)).toBe('LICENSE_ELSEWHERE');
    put(device, { machine: [], units: 5 });
    device.owner.machine = [named('third', 8)];
    expect(refusalOf(device)).toBeUndefined();
    expect(device.entry(100).usedUnits).toBe(1);
  });

  test('takes as many as the model keeps, and lets another vendor have the same product', () => {
    const device = bootLicensed();
    const putOne = (product: number, of = vendor) =>
      device.update((draft) => putLicense(draft, { licenses: 3 }, of, { product }));
    for (const product of [1, 2]) expect(putOne(product).ok).toBe(true);
    expect(putOne(1, 2).ok).toBe(true);
    expect(putOne(3)).toEqual({ ok: false, code: 'NO_SPACE' });
    expect(putOne(1).ok).toBe(true);
    expect(device.licenses.all().length).toBe(3);
    expect(device.licenses.find({ vendor: 2, product: 1 })?.vendor).toBe(2);
    expect(device.licenses.find({ vendor: 2, product: 2 })).toBeUndefined();
  });

  test('on a model without a license table is refused', () => {
    const device = bootLicensed();
    expect(
      device.update((draft) => putLicense(draft, { licenses: 0 }, vendor, { product: 1 })),
    ).toEqual({ ok: false, code: 'NO_SPACE' });
  });
});

describe('withdrawing a license', () => {
  test('tells what was left, and leaves nothing', () => {
    const device = deviceWith({ units: 5, secret, usagePeriod: day });
    take(device, 'a', { units: 2 });
    device.update((draft) => {
      putUserData(draft, device.entry(100), named('data'));
      return { ok: true, value: {} };
    });
    const report = device.update((draft) => withdrawLicense(draft, vendor, 100));
    expect(report).toEqual({
      ok: true,
      value: {
        ...{ vendor, product: 100, state: 'active', usedUnits: 2, unitsLeft: 3 },
        ...{ firstUse: start, withdrawn: 1 },
      },
    });
    expect(refusalOf(device)).toBe('LICENSE_NOT_FOUND');
    put(device, { units: 5 });
    expect(device.entry(100).usedUnits).toBe(0);
    expect(device.entry(100).use).toEqual({ taken: [] });
    expect(readUserData(device.ledger.store, device.entry(100))).toBeUndefined();
  });

  test('and putting it anew in one update begins its units anew', () => {
    const device = deviceWith({ units: 5 });
    take(device, 'a', { units: 2 });
    device.update((draft) => {
      withdrawLicense(draft, vendor, 100);
      return putLicense(draft, { licenses: 24 }, vendor, { product: 100, units: 5 });
    });
    expect(replugged(device).entry(100).usedUnits).toBe(0);
  });
});

test('operations on a license that is not there, or is another vendor’s, are refused', () => {
  const device = deviceWith({ units: 1 });
  for (const [of, product] of [
    [vendor, 101],
    [2, 100],
  ] as const) {
    const refusals = [
      device.update((draft) => withdrawLicense(draft, of, product)),
      device.update((draft) => addUnits(draft, of, { product, units: 1 })),
      device.update((draft) => setLicenseState(draft, of, { product, state: 'blocked' })),
      device.update((draft) => renewCheckpoint(draft, of, { product, until: 1, thresholdDays: 1 })),
    ];
    for (const reply of refusals) expect(reply).toEqual({ ok: false, code: 'LICENSE_NOT_FOUND' });
  }
  expect(take(device, 'a')).toEqual({ ok: true, value: 0 });
});

test('units are added only where they are counted, and no more than a counter holds', () => {
  const device = deviceWith({ units: 1 });
  const add = (product: number, units: number) =>
    device.update((draft) => addUnits(draft, vendor, { product, units }));
  expect(add(100, 2 ** 48 - 1)).toEqual({ ok: false, code: 'INVALID_ARGUMENT' });
  expect(add(100, 2 ** 48 - 2).ok).toBe(true);
  put(device, { product: 101 });
  expect(add(101, 1)).toEqual({ ok: false, code: 'INVALID_ARGUMENT' });
});

test('a checkpoint that is renewed lets the license live on', async () => {
  const device = deviceWith({ checkpoint: { until: start + 10, thresholdDays: 0 } });
  await device.clock.advance(20_000);
  expect(refusalOf(device)).toBe('LICENSE_EXPIRED');
  device.update((draft) =>
    renewCheckpoint(draft, vendor, { product: 100, until: start + 100, thresholdDays: 0 }),
  );
  expect(refusalOf(device)).toBeUndefined();
});

describe('a decoy', () => {
  test('looks valid wherever the license could be, has no secret, and counts its uses', async () => {
    const device = deviceWith({ units: 2, secret, expiry: start + 10, features: 1 });
    take(device, 'a');
    device.update((draft) => setLicenseState(draft, vendor, { product: 100, state: 'decoy' }));
    expect(device.entry(100).license.secret).toBeUndefined();
    await device.clock.advance(60_000);
    device.owner.machine = [];
    expect(refusalOf(device, { features: 1 })).toBeUndefined();
    expect(refusalOf(device, { features: 2 })).toBe('LICENSE_FEATURE');
    expect(take(device, 'b')).toEqual({ ok: true, value: 0 });
    // As if it had been filled again.
    expect(take(device, 'c')).toEqual({ ok: true, value: 2 });
    expect(take(device, 'c')).toEqual({ ok: true, value: 2 });
    expect(take(device, 'd')).toEqual({ ok: true, value: 1 });
    const [report] = reportLicenses(replugged(device).ledger.store, vendor);
    expect(report).toEqual({
      ...{ vendor, product: 100, state: 'decoy', usedUnits: 1, unitsLeft: 1, decoyUses: 5 },
    });
  });

  test('gets no secret by an update either, as long as it is one', () => {
    const device = deviceWith({ secret });
    device.update((draft) => setLicenseState(draft, vendor, { product: 100, state: 'decoy' }));
    put(device, { secret });
    expect(device.entry(100).license.secret).toBeUndefined();
    device.update((draft) => setLicenseState(draft, vendor, { product: 100, state: 'active' }));
    expect(device.entry(100).license.secret).toBeUndefined();
    put(device, { secret });
    expect(device.entry(100).license.secret).toEqual(secret);
  });
});

test('reports are of one vendor or of all', () => {
  const device = deviceWith({});
  device.update((draft) => putLicense(draft, { licenses: 24 }, 2, { product: 7 }));
  const products = (of: number | undefined) =>
    reportLicenses(device.ledger.store, of).map(({ product }) => product);
  expect(products(undefined)).toEqual([100, 7]);
  expect(products(2)).toEqual([7]);
  expect(products(3)).toEqual([]);
});

test('the license table has a row for each application, in order, until it is taken out', () => {
  let device = bootLicensed();
  const set = (application: number, seats: number | undefined) =>
    device.update((draft) => setSeats(draft, application, seats));
  set(200, 3);
  set(100, 255);
  set(200, 4);
  device = replugged(device);
  expect(seatTable(device.ledger.store)).toEqual([
    { application: 100, seats: 255 },
    { application: 200, seats: 4 },
  ]);
  set(100, undefined);
  set(200, undefined);
  expect(seatTable(device.ledger.store)).toEqual([]);
  for (let i = 0; i < 60; i++) expect(set(0xff00 + i, 254).ok).toBe(true);
  expect(set(1, 1)).toEqual({ ok: false, code: 'NO_SPACE' });
});
