import { describe, expect, test } from 'vitest';
import { setLicenseState } from '../../../src/emulator/firmware/licenses/index.ts';
import { judge } from '../../../src/emulator/firmware/licenses/judge.ts';
import { storeKeys } from '../../../src/emulator/firmware/store-keys.ts';
import type { License } from '../../../src/protocol/licenses/index.ts';
import {
  bootLicensed,
  day,
  deviceWith,
  named,
  put,
  refusalOf,
  replugged,
  start,
  take,
  vendor,
} from './device.ts';

interface Row {
  readonly says: string;
  readonly license: Partial<License>;
  readonly question?: { readonly features?: number; readonly released?: number };
  readonly refusal?: string;
}

const rows: readonly Row[] = [
  { says: 'a license without limits is valid', license: {} },
  { says: 'all features are there', license: { features: 0b111 }, question: { features: 0b101 } },
  {
    says: 'one feature is missing',
    license: { features: 0b101 },
    question: { features: 0b111 },
    refusal: 'LICENSE_FEATURE',
  },
  {
    says: 'the highest of the 32 features is missing',
    license: { features: 0x7fff_ffff },
    question: { features: 0x8000_0000 },
    refusal: 'LICENSE_FEATURE',
  },
  {
    says: 'the highest of the 32 features is there',
    license: { features: 0xffff_ffff },
    question: { features: 0x8000_0000 },
  },
  {
    says: 'features that are not named are none',
    license: {},
    question: { features: 1 },
    refusal: 'LICENSE_FEATURE',
  },
  { says: 'it is active from now on', license: { activation: start } },
  { says: 'it begins in a second', license: { activation: start + 1 }, refusal: 'LICENSE_NOT_YET' },
  { says: 'it ends in a second', license: { expiry: start + 1 } },
  { says: 'it ends now', license: { expiry: start }, refusal: 'LICENSE_EXPIRED' },
  {
    says: 'the checkpoint is ahead',
    license: { checkpoint: { until: start + 1, thresholdDays: 3 } },
  },
  {
    says: 'the checkpoint is over',
    license: { checkpoint: { until: start, thresholdDays: 3 } },
    refusal: 'LICENSE_EXPIRED',
  },
  { says: 'a usage period begins', license: { usagePeriod: day } },
  {
    says: 'the version was released in the maintenance period',
    license: { maintenance: { from: 10, until: 20 } },
    question: { released: 19 },
  },
  {
    says: 'the version was released after it',
    license: { maintenance: { from: 10, until: 20 } },
    question: { released: 20 },
    refusal: 'LICENSE_FEATURE',
  },
  {
    says: 'the version was released before it',
    license: { maintenance: { from: 10, until: 20 } },
    question: { released: 9 },
    refusal: 'LICENSE_FEATURE',
  },
  { says: 'it is for this machine', license: { machine: [named('x', 8), named('home', 8)] } },
  {
    says: 'it is for another machine',
    license: { machine: [named('elsewhere', 8)] },
    refusal: 'LICENSE_ELSEWHERE',
  },
  { says: 'it has no units left, which a question does not need', license: { units: 0 } },
];

describe('a question', () => {
  test.each(rows)('$says: $refusal', ({ license, question, refusal }) => {
    expect(refusalOf(deviceWith(license), question)).toBe(refusal);
  });

  test.each<Partial<License>>([
    { activation: 1 },
    { expiry: start + day },
    { usagePeriod: day },
    { checkpoint: { until: start + day, thresholdDays: 1 } },
  ])('is refused while the dongle knows no time: %o', (license) => {
    const device = bootLicensed();
    put(device, license);
    expect(refusalOf(device)).toBe('LICENSE_NOT_YET');
    device.time.offer(start);
    expect(refusalOf(device)).toBeUndefined();
  });

  test('to a license that is not there is refused', () => {
    expect(refusalOf(deviceWith({}), {}, 101)).toBe('LICENSE_NOT_FOUND');
  });

  test('over a bridge is refused by a license that is for the machine alone', () => {
    const device = deviceWith({ localOnly: true });
    const circumstances = { now: start, machine: [], reach: 'bridge' } as const;
    expect(judge(device.entry(100), {}, circumstances).refusal).toBe('LICENSE_ELSEWHERE');
    expect(
      judge(device.entry(100), {}, { ...circumstances, reach: 'local' }).refusal,
    ).toBeUndefined();
  });

  test('to a blocked license is refused until the block is lifted', () => {
    const device = deviceWith({});
    device.update((draft) => setLicenseState(draft, vendor, { product: 100, state: 'blocked' }));
    expect(refusalOf(device)).toBe('LICENSE_BLOCKED');
    device.update((draft) => setLicenseState(draft, vendor, { product: 100, state: 'active' }));
    expect(refusalOf(device)).toBeUndefined();
  });
});

test('a blocked dongle gives no license, and still tells what it has', () => {
  const device = deviceWith({ units: 3 });
  device.update((draft) => {
    draft.put(storeKeys.blocked, new Uint8Array(1));
    return { ok: true, value: {} };
  });
  expect(refusalOf(device)).toBe('DONGLE_BLOCKED');
  expect(take(device, 'a')).toEqual({ ok: false, code: 'DONGLE_BLOCKED' });
  expect(device.licenses.all().length).toBe(1);
  device.update((draft) => {
    draft.remove(storeKeys.blocked);
    return { ok: true, value: {} };
  });
  expect(take(device, 'a')).toEqual({ ok: true, value: 2 });
});

describe('a license that expires', () => {
  test('does so at its second, and stays expired when the power goes', async () => {
    const device = deviceWith({ expiry: start + 30 });
    await device.clock.advance(29_999);
    expect(refusalOf(device)).toBeUndefined();
    await device.clock.advance(1);
    expect(refusalOf(device)).toBe('LICENSE_EXPIRED');
    expect(refusalOf(replugged(device))).toBe('LICENSE_EXPIRED');
  });

  test('says the first of all its ends, and when it must be renewed', async () => {
    const device = deviceWith({
      expiry: start + 10 * day,
      usagePeriod: 9 * day,
      checkpoint: { until: start + 8 * day, thresholdDays: 3 },
    });
    const standing = () => {
      const used = device.licenses.use({ vendor, product: 100 }, {});
      return used.ok ? device.licenses.standing(used.value) : used.code;
    };
    expect(standing()).toEqual({ expiry: start + 8 * day });
    await device.clock.advance(4.5 * day * 1000);
    expect(standing()).toEqual({ expiry: start + 8 * day, renewWithinDays: 3 });
    await device.clock.advance(3 * day * 1000);
    expect(standing()).toEqual({ expiry: start + 8 * day, renewWithinDays: 0 });
  });
});

describe('the first use', () => {
  test('begins the usage period, for good, before it answers', async () => {
    const device = deviceWith({ usagePeriod: 100 });
    await device.clock.advance(1_000_000);
    expect(refusalOf(device)).toBeUndefined();
    expect(device.entry(100).use.firstUse).toBe(start + 1000);
    const again = replugged(device);
    expect(again.entry(100).use.firstUse).toBe(start + 1000);
    await again.clock.advance(99_000);
    expect(refusalOf(again)).toBeUndefined();
    await again.clock.advance(1000);
    expect(refusalOf(again)).toBe('LICENSE_EXPIRED');
  });

  test('binds a license to its machine, by any of the ids that both know', () => {
    const device = deviceWith({ machine: [] });
    device.owner.machine = [named('a', 8), named('b', 8)];
    expect(refusalOf(device)).toBeUndefined();
    const again = replugged(device);
    again.owner.machine = [named('b', 8), named('c', 8)];
    expect(refusalOf(again)).toBeUndefined();
    again.owner.machine = [named('c', 8)];
    expect(refusalOf(again)).toBe('LICENSE_ELSEWHERE');
    again.owner.machine = [];
    expect(refusalOf(again)).toBe('LICENSE_ELSEWHERE');
  });

  test('by a machine that is not known is refused, and binds nothing', () => {
    const device = deviceWith({ machine: [] });
    device.owner.machine = [];
    expect(refusalOf(device)).toBe('LICENSE_ELSEWHERE');
    device.owner.machine = [named('a', 8)];
    expect(refusalOf(device)).toBeUndefined();
  });

  test('that is refused begins nothing', () => {
    const device = deviceWith({ usagePeriod: 100, machine: [], activation: start + 5 });
    expect(refusalOf(device)).toBe('LICENSE_NOT_YET');
    expect(device.entry(100).use).toEqual({ taken: [] });
  });

  test('is written once: questions after it write nothing', () => {
    const device = deviceWith({ usagePeriod: day, machine: [] });
    refusalOf(device);
    const { generation } = device.ledger;
    for (let i = 0; i < 5; i++) expect(refusalOf(device)).toBeUndefined();
    expect(device.ledger.generation).toBe(generation);
  });
});
