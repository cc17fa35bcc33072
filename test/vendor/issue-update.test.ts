import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { suite } from '#crypto';
import { fromHex, toHex } from '../../src/bytes.ts';
import { inspectFile } from '../../src/vendor/inspect.ts';
import { type IssuedFile, issueUpdate } from '../../src/vendor/issue-update.ts';
import { Ledger } from '../../src/vendor/ledger.ts';
import { planUpdate, type UpdateTarget } from '../../src/vendor/plan-update.ts';
import { confirmReceipt, targetOf } from '../../src/vendor/read-files.ts';
import { VendorFolder } from '../../src/vendor/vendor-folder.ts';
import { PaperDongle } from './paper-dongle.ts';
import { at } from './sample-updates.ts';

const base = mkdtempSync(join(tmpdir(), 'latchkey-issue-'));
afterAll(() => rmSync(base, { recursive: true }));

const passphrase = 'a passphrase of these tests';
const names = { vendor: 7, name: 'Acme', test: true };
const vendor = await VendorFolder.create(join(base, 'acme'), names, passphrase);
const trust = await vendor.trust();
const signer = {
  vendor: 7,
  key: await vendor.key('update', passphrase),
  certificate: await vendor.certificate('update'),
};

const dongle = await PaperDongle.make('LK-0001');
let count = 0;
let ledger: Ledger;

beforeEach(async () => {
  ledger = await Ledger.open(join(base, `ledger-${count++}`));
  return async () => ledger[Symbol.asyncDispose]();
});

async function answer(context: Uint8Array, ...operations: unknown[]): Promise<IssuedFile> {
  return issue(await targetOf(context, trust, 7), ...operations);
}

function push(...operations: unknown[]): Promise<IssuedFile> {
  return issue({ kind: 'push', book: ledger.bySerial('LK-0001') }, ...operations);
}

function issue(target: UpdateTarget, ...operations: unknown[]): Promise<IssuedFile> {
  const plan = operations.length === 0 ? undefined : JSON.stringify({ operations });
  const planned = planUpdate(ledger, target, plan, suite.randomBytes);
  return issueUpdate(ledger, planned, signer, Date.parse(at));
}

/** What the dongle says when it has applied so many updates of this ledger. */
function stateAt(number: number) {
  const id = ledger.bySerial('LK-0001').issued[number - 1]?.id ?? '';
  return { vendor: 7, number, last: fromHex(id) };
}

const name = { nameVendor: 'Acme' };

test('an update is signed, chained, sealed to the context’s key and in the ledger', async () => {
  const first = await answer(await dongle.context(), name);
  const second = await push({ setSeats: { application: 20, seats: 2 } });
  expect([first.numbers, second.numbers]).toEqual([[1], [1, 2]]);
  const opened = await dongle.open(first.file);
  expect(opened?.header).toMatchObject({ vendor: 7, answers: 'context', dongle: dongle.id });
  expect(opened?.issuer).toEqual(signer.certificate);
  const both = await dongle.open(second.file);
  expect(both?.header).toMatchObject({ answers: 'push' });
  expect(both?.updates).toMatchObject([
    {
      number: 1,
      previous: new Uint8Array(32),
      issuedAt: Date.parse(at) / 1000,
      operations: [name],
    },
    { number: 2, operations: [{ setSeats: { application: 20, seats: 2 } }] },
  ]);
  expect(toHex(both?.updates[1]?.previous ?? new Uint8Array())).toBe(
    ledger.bySerial('LK-0001').issued[0]?.id,
  );
  expect(both?.signed[0]).toEqual(opened?.signed[0]);
});

test('another dongle cannot open it', async () => {
  const other = await PaperDongle.make('LK-0002');
  const { file } = await answer(await dongle.context(), name);
  expect(await other.open(file)).toBeUndefined();
});

test('a file holds sixteen updates, and the others follow', async () => {
  await answer(await dongle.context(), name);
  for (let i = 2; i <= 17; i++) await push(name);
  const { numbers, later } = await push(name);
  expect(numbers).toEqual(Array.from({ length: 16 }, (_, i) => i + 1));
  expect(later).toEqual([17, 18]);
  await confirmReceipt(ledger, await dongle.receipt(stateAt(16)), trust, 7, at);
  expect((await push()).numbers).toEqual([17, 18]);
});

describe('large updates', () => {
  const filling = (bytes: number) =>
    Array.from({ length: Math.ceil(bytes / 4096) }, () => ({
      writeMemory: { application: 20, area: 'ram1', offset: 0, data: 'random:4096' },
    }));
  const password = 'random:16';
  const partition = {
    putPartition: {
      application: 20,
      sizes: [4096, 0, 0],
      userPassword: password,
      administratorPassword: password,
    },
  };

  test('that do not fit one file together come one after the other', async () => {
    await answer(await dongle.context(), partition, ...filling(16_000));
    const { numbers, later, file } = await push(...filling(16_000));
    expect(numbers).toEqual([1]);
    expect(later).toEqual([2]);
    expect((await dongle.open(file))?.updates).toHaveLength(1);
  });

  test('that no dongle takes are refused, and the ledger stays', async () => {
    await answer(await dongle.context(), partition);
    await expect(push(...filling(33_000))).rejects.toThrow(/more than the 32768 bytes/);
    expect(ledger.bySerial('LK-0001').issued).toHaveLength(1);
  });
});

describe('a receipt', () => {
  test('confirms what was applied', async () => {
    await answer(await dongle.context(), name);
    await push(name);
    const receipt = await dongle.receipt(stateAt(1));
    expect(await confirmReceipt(ledger, receipt, trust, 7, at)).toMatchObject({
      number: 1,
      news: [1],
    });
    expect((await push()).numbers).toEqual([2]);
  });

  test('of another vendor, another ledger or an unknown dongle is refused', async () => {
    await answer(await dongle.context(), name);
    const { last } = stateAt(1);
    const refused = async (state: { vendor: number; number: number; last: Uint8Array }) =>
      confirmReceipt(ledger, await dongle.receipt(state), trust, 7, at);
    await expect(refused({ vendor: 8, number: 1, last })).rejects.toThrow(
      /for vendor 8, not for vendor 7/,
    );
    await expect(refused({ vendor: 7, number: 2, last })).rejects.toMatchObject({
      code: 'UPDATE_FORKED',
    });
    const stranger = await PaperDongle.make('LK-0009');
    const receipt = await stranger.receipt({ vendor: 7, number: 0, last: new Uint8Array(32) });
    await expect(confirmReceipt(ledger, receipt, trust, 7, at)).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });

  test('that was altered is refused, wherever it was', async () => {
    await answer(await dongle.context(), name);
    const receipt = await dongle.receipt(stateAt(1));
    for (let i = 0; i < receipt.length; i += 7) {
      const altered = receipt.slice();
      altered[i] = (altered[i] as number) ^ 1;
      await expect(confirmReceipt(ledger, altered, trust, 7, at), `byte ${i}`).rejects.toThrow();
    }
    expect(ledger.bySerial('LK-0001').confirmed).toBe(0);
  });
});

describe('inspect', () => {
  test('tells what a context and a receipt say', async () => {
    const licenses = [{ vendor: 7, product: 1, state: 'active', usedUnits: 2 }] as const;
    const context = await dongle.context({ licenses });
    expect(await inspectFile(context, vendor, ledger)).toMatchObject({
      kind: 'context',
      serial: 'LK-0001',
      context: { licenses },
    });
    await answer(context, name);
    const receipt = await dongle.receipt(stateAt(1));
    expect(await inspectFile(receipt, vendor, ledger)).toMatchObject({
      kind: 'receipt',
      receipt: { state: { number: 1 } },
    });
  });

  test('tells what is in an update of this ledger, and of others that it cannot', async () => {
    const { file } = await answer(await dongle.context(), name);
    expect(await inspectFile(file, vendor, ledger)).toMatchObject({
      kind: 'update',
      vendor: 7,
      serial: 'LK-0001',
      updates: [{ number: 1, update: { operations: [name] } }],
    });
    await using other = await Ledger.open(join(base, `ledger-${count++}`));
    expect(await inspectFile(file, vendor, other)).toEqual({
      kind: 'update',
      vendor: 7,
      answers: 'context',
      serial: undefined,
      updates: undefined,
    });
  });

  test('refuses what is none of them', async () => {
    for (const bytes of [new Uint8Array(0), suite.randomBytes(100)]) {
      await expect(inspectFile(bytes, vendor, ledger)).rejects.toMatchObject({
        code: 'UPDATE_INVALID',
      });
    }
  });
});
