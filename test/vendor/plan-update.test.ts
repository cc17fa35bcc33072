import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { fromHex } from '../../src/bytes.ts';
import { noUpdate, type Operation } from '../../src/protocol/updates/index.ts';
import { DongleBook } from '../../src/vendor/dongle-book.ts';
import { Ledger } from '../../src/vendor/ledger.ts';
import type { ArrivalNote, LicenseLeft, MoveNote } from '../../src/vendor/ledger-entries.ts';
import { noteOf } from '../../src/vendor/moves.ts';
import {
  type ContextTarget,
  type PlannedUpdate,
  planUpdate,
  type UpdateTarget,
} from '../../src/vendor/plan-update.ts';
import { takeBack } from '../../src/vendor/take-back.ts';
import { at, sampleDongle, sampleUpdate } from './sample-updates.ts';

const base = mkdtempSync(join(tmpdir(), 'latchkey-plan-'));
afterAll(() => rmSync(base, { recursive: true }));

let count = 0;
let ledger: Ledger;
let one: DongleBook;
let two: DongleBook;

beforeEach(async () => {
  ledger = await Ledger.open(join(base, `ledger-${count++}`));
  one = await ledger.bookOf(await sampleDongle('LK-0001'), at);
  two = await ledger.bookOf(await sampleDongle('LK-0002'), at);
  return async () => ledger[Symbol.asyncDispose]();
});

/** Puts an update into a book, as if it had been issued. */
async function issue(
  book: DongleBook,
  operations: readonly Operation[],
  notes: { moves?: readonly MoveNote[]; arrivals?: readonly ArrivalNote[] } = {},
): Promise<void> {
  const last = book.issued.at(-1);
  const previous = last === undefined ? noUpdate : fromHex(last.id);
  const entry = await sampleUpdate(book.id, (last?.number ?? 0) + 1, previous, operations);
  await book.append({ ...entry, ...notes });
}

/** Puts a receipt of the last update into a book. */
async function confirm(book: DongleBook, licenses: readonly LicenseLeft[] = []): Promise<void> {
  const { number, id } = book.issued.at(-1) ?? { number: 0, id: '' };
  await book.append({ at, kind: 'receipt', number, last: id, licenses });
}

function plan(target: UpdateTarget, ...operations: unknown[]): PlannedUpdate {
  const text = operations.length === 0 ? undefined : JSON.stringify({ operations });
  return planUpdate(ledger, target, text, (length) => new Uint8Array(length).fill(0xee));
}

const push = (book: DongleBook): UpdateTarget => ({ kind: 'push', book });

/** A context of the dongle that has applied so many updates. */
function contextOf({ dongle, issued }: DongleBook, number: number, last?: string): ContextTarget {
  const id = last ?? issued[number - 1]?.id ?? '';
  const seen = { kind: 'context', number, last: id, licenses: [] } as const;
  return { kind: 'context', dongle, seen, recipient: new Uint8Array(32) };
}

const license = { product: 100, units: 10, secret: new Uint8Array(32).fill(7) };
const put: Operation = { putLicense: license };
const name: Operation = { nameVendor: 'Acme' };

const numbers = ({ missing }: PlannedUpdate) => missing.map(({ number }) => number);

describe('what a dongle has not had is sent again', () => {
  beforeEach(async () => {
    for (let i = 0; i < 4; i++) await issue(one, [name]);
  });

  test('all of it, where nothing is known', () => {
    expect(numbers(plan(push(one)))).toEqual([1, 2, 3, 4]);
  });

  test.each([
    [0, [1, 2, 3, 4]],
    [2, [3, 4]],
    [3, [4]],
  ])('after a context that has %i of them', (number, missing) => {
    expect(numbers(plan(contextOf(one, number)))).toEqual(missing);
  });

  test('after a receipt, which an older context does not take back', async () => {
    const { id = '' } = one.issued[2] ?? {};
    await one.append({ at, kind: 'receipt', number: 3, last: id, licenses: [] });
    expect(numbers(plan(push(one)))).toEqual([4]);
    expect(numbers(plan(contextOf(one, 1)))).toEqual([4]);
  });

  test('with a new update behind it', () => {
    const { missing, operations } = plan(contextOf(one, 3), { setBlocked: true });
    expect(missing).toHaveLength(1);
    expect(operations).toEqual([{ setBlocked: true }]);
  });

  test('where there is nothing, that is told', async () => {
    await confirm(one);
    expect(() => plan(push(one))).toThrow(/nothing to send: dongle LK-0001 has all its updates/);
  });
});

describe('a dongle that has had updates of another ledger is refused', () => {
  test.each([
    [
      'a number that was never issued',
      3,
      undefined,
      /has had update 3, and this ledger has issued 2/,
    ],
    ['another update with that number', 2, 'ff'.repeat(32), /has had another update 2/],
  ])('%s', async (_, number, last, sentence) => {
    await issue(one, [name]);
    await issue(one, [name]);
    expect(() => plan(contextOf(one, number, last), { setBlocked: true })).toThrow(sentence);
    try {
      plan(contextOf(one, number, last));
    } catch (error) {
      expect(error).toMatchObject({ code: 'UPDATE_FORKED' });
    }
  });

  test('also one that the ledger has never seen', async () => {
    const dongle = await sampleDongle('LK-0003');
    const seen = { kind: 'context', number: 1, last: 'ff'.repeat(32), licenses: [] } as const;
    const target = { kind: 'context', dongle, seen, recipient: new Uint8Array(32) } as const;
    expect(() => plan(target, { setBlocked: true })).toThrow(/this ledger has issued 0/);
  });
});

describe('a plan that the dongle would refuse is refused', () => {
  test.each([
    [
      'units for a license that is not there',
      { addUnits: { product: 1, units: 1 } },
      /has no license 1 of yours \(it has 100, 101\)/,
    ],
    ['units for an unlimited license', { addUnits: { product: 101, units: 1 } }, /unlimited units/],
    [
      'a state for a license that is not there',
      { setLicenseState: { product: 1, state: 'blocked' } },
      /has no license 1/,
    ],
    [
      'a move of one that is not there',
      { moveLicense: { product: 1, to: 'LK-0002' } },
      /has no license 1/,
    ],
    [
      'a move to itself',
      { moveLicense: { product: 100, to: 'LK-0001' } },
      /from dongle LK-0001 to itself/,
    ],
    [
      'memory without a partition',
      { writeMemory: { application: 20, area: 'ram1', offset: 0, data: 'hex:00' } },
      /has no partition 20 of yours/,
    ],
    [
      'a license that ends before it begins',
      { putLicense: { product: 1, activation: '2027-01-01', expiry: '2026-01-01' } },
      /expires before it begins/,
    ],
  ])('%s', async (_, operation, sentence) => {
    await issue(one, [put, { putLicense: { product: 101 } }]);
    expect(() => plan(push(one), operation)).toThrow(sentence);
  });

  test('in the order of its operations', async () => {
    await issue(one, [put]);
    const twice = { withdrawLicense: { product: 100 } };
    expect(() => plan(push(one), twice)).not.toThrow();
    expect(() => plan(push(one), twice, twice)).toThrow(/it has none/);
  });
});

test('a product keeps its secret, on all dongles', async () => {
  await issue(one, [put]);
  const random = { putLicense: { product: 100, secret: 'random:32' } };
  expect(plan(push(two), random).operations[0]?.putLicense?.secret).toEqual(license.secret);
  const other = { putLicense: { product: 101, secret: 'random:32' } };
  expect(plan(push(two), other).operations[0]?.putLicense?.secret?.[0]).toBe(0xee);
});

describe('a license that moves', () => {
  const moved: LicenseLeft = {
    product: 100,
    state: 'active',
    usedUnits: 7,
    unitsLeft: 3,
    withdrawn: 1,
  };
  const move = { moveLicense: { product: 100, to: 'LK-0002' } };

  async function issueMove(before: readonly Operation[] = [put]): Promise<void> {
    await issue(one, before);
    const { operations, moves } = plan(push(one), move);
    expect(operations).toEqual([{ withdrawLicense: { product: 100 } }]);
    await issue(one, operations, { moves });
  }

  test('is not issued on the other dongle before its receipt', async () => {
    await issueMove();
    expect(() => plan(push(two))).toThrow(/nothing to send/);
    // A context shows that it is gone, but not what was left of it.
    await one.append({ at, ...contextOf(one, 2).seen });
    expect(() => plan(push(two))).toThrow(/nothing to send/);
  });

  test('is issued there after it, once, with what was left', async () => {
    await issueMove();
    await confirm(one, [moved]);
    const { operations, arrivals } = plan(push(two));
    expect(operations).toEqual([{ putLicense: { ...license, units: 3 } }]);
    await issue(two, operations, { arrivals: arrivals.map(noteOf) });
    await confirm(two);
    expect(() => plan(push(two))).toThrow(/nothing to send/);
  });

  test('may come back, and arrives once each time', async () => {
    await issueMove();
    await confirm(one, [moved]);
    const there = plan(push(two));
    await issue(two, there.operations, { arrivals: there.arrivals.map(noteOf) });
    const back = plan(push(two), { moveLicense: { product: 100, to: 'LK-0001' } });
    await issue(two, back.operations, { moves: back.moves });
    await confirm(two, [{ ...moved, unitsLeft: 1 }]);
    const { operations, arrivals } = plan(push(one));
    expect(operations).toEqual([{ putLicense: { ...license, units: 1 } }]);
    await issue(one, operations, { arrivals: arrivals.map(noteOf) });
    await confirm(one);
    for (const book of [one, two]) {
      expect(() => plan(push(book), { setBlocked: true })).not.toThrow();
      expect(plan(push(book), { setBlocked: true }).arrivals).toEqual([]);
    }
    // The receipt of the first time says nothing of the second.
    const again = plan(push(one), move);
    await issue(one, again.operations, { moves: again.moves });
    expect(plan(push(two), { setBlocked: true }).arrivals).toEqual([]);
    await confirm(one, [moved, { ...moved, unitsLeft: 0 }]);
    expect(plan(push(two)).operations).toEqual([{ putLicense: { ...license, units: 0 } }]);
  });

  test('holds up new updates of its dongle until then, but not those that are sent again', async () => {
    await issueMove();
    expect(() => plan(push(one), { setBlocked: true })).toThrow(
      /License 100 is on its way from dongle LK-0001 to LK-0002: confirm the receipt of update 2/,
    );
    expect(numbers(plan(push(one)))).toEqual([1, 2]);
    await confirm(one, [moved]);
    expect(() => plan(push(one), { setBlocked: true })).not.toThrow();
  });

  test('is as it was: with its state, its added units, its renewed checkpoint', async () => {
    await issueMove([
      { putLicense: { ...license, text: 'old' } },
      { putLicense: { ...license, text: 'new' } },
      { addUnits: { product: 100, units: 5 } },
      { checkpoint: { product: 100, until: 2_000_000_000, thresholdDays: 7 } },
      { setLicenseState: { product: 100, state: 'blocked' } },
    ]);
    await confirm(one, [{ ...moved, state: 'blocked' }]);
    expect(plan(push(two)).operations).toEqual([
      {
        putLicense: {
          ...license,
          text: 'new',
          units: 3,
          checkpoint: { until: 2_000_000_000, thresholdDays: 7 },
        },
      },
      { setLicenseState: { product: 100, state: 'blocked' } },
    ]);
  });

  test.each([
    ['goes on with a usage period that has begun', { usagePeriod: 1000 }, 500, { expiry: 1500 }],
    ['or with what ends earlier', { usagePeriod: 1000, expiry: 800 }, 500, { expiry: 800 }],
    ['and begins one that has not', { usagePeriod: 1000 }, undefined, { usagePeriod: 1000 }],
  ])('%s', async (_, rights, firstUse, expected) => {
    await issueMove([{ putLicense: { product: 100, ...rights } }]);
    const { unitsLeft: _units, ...unlimited } = moved;
    await confirm(one, [{ ...unlimited, ...(firstUse === undefined ? {} : { firstUse }) }]);
    expect(plan(push(two)).operations).toEqual([{ putLicense: { product: 100, ...expected } }]);
  });

  test('does not replace one of that product, unless the plan takes that away', async () => {
    await issueMove();
    await confirm(one, [moved]);
    await issue(two, [put]);
    expect(() => plan(push(two))).toThrow(
      /arrives from dongle LK-0001, and dongle LK-0002 has one/,
    );
    const { operations } = plan(push(two), { withdrawLicense: { product: 100 } });
    expect(operations.map((each) => Object.keys(each)[0])).toEqual([
      'withdrawLicense',
      'putLicense',
    ]);
  });

  test('arrives at a dongle that the ledger learns of later', async () => {
    const dongle = await sampleDongle('LK-0003');
    await issue(one, [put]);
    const away = { moveLicense: { product: 100, to: 'LK-0003' } };
    const { operations, moves } = plan(push(one), away);
    await issue(one, operations, { moves });
    await confirm(one, [moved]);
    const seen = { kind: 'context', number: 0, last: '', licenses: [] } as const;
    const target = { kind: 'context', dongle, seen, recipient: new Uint8Array(32) } as const;
    expect(plan(target).operations).toEqual([{ putLicense: { ...license, units: 3 } }]);
  });
});

describe('updates that are taken back', () => {
  beforeEach(async () => {
    await issue(one, [name]);
    await issue(one, [put]);
    await issue(one, [{ addUnits: { product: 100, units: 1 } }]);
  });

  test('are not sent any more, and do not count', async () => {
    expect(await takeBack(ledger, contextOf(one, 1), 2, at)).toEqual([2, 3]);
    expect(() => plan(push(one))).toThrow(/nothing to send/);
    expect(() => plan(push(one), { addUnits: { product: 100, units: 1 } })).toThrow(/it has none/);
    await issue(one, [put]);
    expect(numbers(plan(push(one)))).toEqual([2]);
  });

  test('are known again when the dongle has applied them all the same', async () => {
    const stale = contextOf(one, 2);
    await takeBack(ledger, contextOf(one, 1), 2, at);
    await issue(one, [name]);
    expect(() => plan(stale)).toThrow(`has had update 2, which was taken back at ${at}`);
  });

  test('survive a restart', async () => {
    await takeBack(ledger, contextOf(one, 1), 3, at);
    const again = await DongleBook.open(one.path);
    expect(again?.issued.map(({ number }) => number)).toEqual([1, 2]);
    expect(again?.withdrawn.map(({ number }) => number)).toEqual([3]);
  });

  test.each([
    ['one that was applied', 2, 2, /has applied update 2, which cannot be taken back/],
    ['one that was never issued', 1, 4, /was sent 3 updates, so there is no update 4/],
  ])('refuses %s', async (_, applied, from, sentence) => {
    await expect(takeBack(ledger, contextOf(one, applied), from, at)).rejects.toThrow(sentence);
    expect(one.issued).toHaveLength(3);
  });
});
