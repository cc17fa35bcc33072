import { createCipheriv } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { concatBytes } from '../../src/bytes.ts';
import { reportLicenses, setLicenseState } from '../../src/emulator/firmware/licenses/index.ts';
import { Draft } from '../../src/emulator/firmware/store/draft.ts';
import { Store } from '../../src/emulator/firmware/store/store.ts';
import { putVendorState, vendorState } from '../../src/emulator/firmware/updates/vendor-state.ts';
import {
  EmulatedDongle,
  type License,
  LoopbackPort,
  largeFlash,
  MemoryFlash,
  manufacture,
  models,
  type SeatRow,
  seededRandom,
  VirtualClock,
} from '../../src/emulator/index.ts';
import type { Dongle, Runtime } from '../../src/index.ts';
import { licenseKeyOf } from '../../src/protocol/licenses/index.ts';
import { cloned, refusal, runtimeOn, TestHost, type TestRuntime } from './test-host.ts';

const vendor = 1;
const secret = new Uint8Array(32).fill(7);
const hour = 3_600_000;
const day = 24 * hour;
/** When virtual time begins. */
const start = Date.UTC(2026, 0, 1);
const run: License = { product: 100, text: 'Three runs', units: 3, features: 0b101, secret };

/** A dongle with licenses, a machine, and a runtime on it. */
async function licensed({
  licenses = [run],
  seats = [] as SeatRow[],
  change = undefined as ((draft: Draft) => void) | undefined,
} = {}) {
  const clock = new VirtualClock();
  const random = seededRandom('licensed');
  const flash = new MemoryFlash(largeFlash);
  await manufacture(flash, random, 'LK-LICENSED', { licenses, seats });
  if (change !== undefined) changeStore(flash, change);
  const device = new EmulatedDongle({ clock, random, flash });
  const port = new LoopbackPort(device);
  await port.plug();
  const host = new TestHost(clock);
  const runtime = await runtimeOn('home');
  const connect = (face: 'hid' | 'vendor' = 'hid', as: Runtime = runtime) =>
    host.connect(port.source(face), as);
  return { clock, flash, port, host, runtime, connect, device };
}

/** Changes what a dongle without power has stored, as an update would. */
function changeStore(flash: MemoryFlash, change: (draft: Draft) => void): void {
  const store = Store.open(flash);
  if (!store.ok) throw new Error(store.detail);
  const draft = new Draft(store.value);
  change(draft);
  store.value.commit(draft.changes);
}

/** What the vendor ships: encrypted for the license, away from any dongle. */
function shipped(product: number, text: string, ad = new Uint8Array(0)) {
  const iv = new Uint8Array(12).fill(product);
  const cipher = createCipheriv('aes-256-gcm', licenseKeyOf(vendor, product, secret), iv);
  cipher.setAAD(ad);
  const data = concatBytes(
    cipher.update(new TextEncoder().encode(text)),
    cipher.final(),
    cipher.getAuthTag(),
  );
  return { vendor, product, iv, data, ...(ad.length > 0 && { ad }) };
}

const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

describe('licensed data', () => {
  test('are decrypted as often as was sold, and then the chip refuses', async () => {
    const { clock, connect } = await licensed();
    const dongle = await connect();
    for (let i = 0; i < 3; i++) {
      expect(textOf(await clock.run(dongle.licenses.decrypt(shipped(100, 'payload'))))).toBe(
        'payload',
      );
    }
    const late = await clock.run(refusal(dongle.licenses.decrypt(shipped(100, 'payload'))));
    expect(late.code).toBe('LICENSE_USED_UP');
    expect((await clock.run(dongle.licenses.check(run100))).unitsLeft).toBe(0);
  });

  test('go there and back by the chip alone, with what is authenticated', async () => {
    const { clock, connect } = await licensed();
    const dongle = await connect();
    const [data, ad] = [new Uint8Array([1, 2, 3]), new Uint8Array([4])];
    const sealed = await clock.run(dongle.licenses.encrypt({ ...run100, data, ad }));
    expect(await clock.run(dongle.licenses.decrypt({ ...run100, ...sealed }))).toEqual(data);
    expect((await clock.run(dongle.licenses.check(run100))).unitsLeft).toBe(2);
  });

  test('that are damaged take their unit all the same', async () => {
    const { clock, connect } = await licensed();
    const dongle = await connect();
    const payload = shipped(100, 'payload');
    payload.data[0] = (payload.data[0] as number) ^ 1;
    const error = await clock.run(refusal(dongle.licenses.decrypt(payload)));
    expect(error.code).toBe('DECRYPT_FAILED');
    expect((await clock.run(dongle.licenses.check(run100))).unitsLeft).toBe(2);
  });

  test('of a license without a secret are refused, and take nothing', async () => {
    const { clock, connect } = await licensed({ licenses: [{ product: 100, units: 3 }] });
    const dongle = await connect();
    const error = await clock.run(refusal(dongle.licenses.decrypt(shipped(100, 'payload'))));
    expect(error.code).toBe('LICENSE_FEATURE');
    expect((await clock.run(dongle.licenses.check(run100))).unitsLeft).toBe(3);
  });

  test('asked for again by the same request cost one unit, over a replug and a takeover too', async () => {
    const { clock, port, host, connect } = await licensed();
    const request = new Uint8Array(16).fill(9);
    const paid = { ...shipped(100, 'payload'), request };
    const first = await connect();
    const ask = async (dongle: Dongle) => textOf(await clock.run(dongle.licenses.decrypt(paid)));
    expect(await ask(first)).toBe('payload');
    expect(await ask(first)).toBe('payload');
    port.unplug();
    await port.plug();
    const second = await connect();
    expect(await ask(second)).toBe('payload');
    await clock.run(second.close());
    const third = await host.connect(port.source('hid'), await runtimeOn('another'));
    expect(await ask(third)).toBe('payload');
    expect((await clock.run(third.licenses.check(run100))).unitsLeft).toBe(2);
    const other = { ...shipped(100, 'another'), request };
    expect((await clock.run(refusal(third.licenses.decrypt(other)))).code).toBe('INVALID_ARGUMENT');
    const taking = { ...run100, request, units: 1 };
    expect((await clock.run(refusal(third.licenses.takeUnits(taking)))).code).toBe(
      'INVALID_ARGUMENT',
    );
    expect((await clock.run(third.licenses.check(run100))).unitsLeft).toBe(2);
  });
});

const run100 = { vendor, product: 100 };

test('a decoy looks like the license that it was, but decrypts nothing', async () => {
  const { clock, connect, device, flash } = await licensed({
    change: (draft) => setLicenseState(draft, vendor, { product: 100, state: 'decoy' }),
  });
  const dongle = await connect();
  expect((await clock.run(dongle.licenses.list()))[0]?.state).toBe('active');
  expect((await clock.run(dongle.licenses.check({ vendor, product: 100 }))).unitsLeft).toBe(3);
  const error = await clock.run(refusal(dongle.licenses.decrypt(shipped(100, 'payload'))));
  expect(error.code).toBe('DECRYPT_FAILED');
  expect((await clock.run(dongle.licenses.check({ vendor, product: 100 }))).unitsLeft).toBe(2);
  await clock.run(dongle.licenses.encrypt({ vendor, product: 100, data: new Uint8Array(1) }));
  device.powerOff();
  const store = Store.open(flash);
  if (!store.ok) throw new Error(store.detail);
  expect(reportLicenses(store.value, vendor)[0]).toMatchObject({ decoyUses: 4, usedUnits: 0 });
});

describe('a question', () => {
  test('tells how the license stands, or why it does not', async () => {
    const { clock, connect } = await licensed({
      licenses: [run, { product: 101, expiry: start / 1000 + 3600 }],
    });
    const dongle = await connect();
    const ask = (question: object) =>
      clock.run(dongle.licenses.check({ vendor, product: 100, ...question }));
    expect(await ask({ features: 0b101 })).toEqual({
      ...{ unitsLeft: 3, expiry: undefined, renewWithinDays: undefined },
    });
    expect((await refusal(ask({ features: 0b10 }))).code).toBe('LICENSE_FEATURE');
    expect((await refusal(ask({ product: 102 }))).code).toBe('LICENSE_NOT_FOUND');
    expect((await ask({ product: 101 })).expiry).toEqual(new Date(start + 3_600_000));
    await clock.advance(3_600_000);
    const again = await connect();
    const late = clock.run(refusal(again.licenses.check({ vendor, product: 101 })));
    expect((await late).code).toBe('LICENSE_EXPIRED');
  });

  test('offers the system’s time once in a session, and is one exchange after that', async () => {
    const { clock, connect } = await licensed({
      licenses: [{ product: 100, expiry: start / 1000 + 3600 }],
    });
    const dongle = await connect();
    expect((await clock.run(dongle.time.read())).time).toBeUndefined();
    await clock.run(dongle.licenses.check(run100));
    const { time } = await clock.run(dongle.time.read());
    expect(Math.abs((time as Date).getTime() - clock.wall())).toBeLessThan(2000);
  });
});

describe('the list', () => {
  test('tells all licenses, a few at a time, and what of them is taken', async () => {
    const licenses = Array.from({ length: models.standard.licenses }, (_, i) => ({
      product: i + 1,
      text: `No. ${i + 1}`,
      quantity: 2,
      localOnly: i === 0,
      machine: i === 0 ? [] : [new Uint8Array(8)],
    }));
    const { clock, connect } = await licensed({
      licenses,
      change: (draft) => putVendorState(draft, { ...vendorState(draft, vendor), name: 'Acme' }),
    });
    const dongle = await connect();
    await clock.run(dongle.licenses.take({ vendor, product: 1 }));
    const listed = await clock.run(dongle.licenses.list());
    expect(listed.map(({ product }) => product)).toEqual(licenses.map(({ product }) => product));
    expect(listed[0]).toEqual({
      ...{ vendor, product: 1, vendorName: 'Acme', text: 'No. 1', state: 'active' },
      ...{ features: 0, unitsLeft: undefined, activation: undefined, expiry: undefined },
      ...{ quantity: 2, seatsTaken: 1, localOnly: true, machineBound: true },
    });
    expect(listed.length).toBeGreaterThan(8);
    expect(listed.at(-1)?.text).toBe(licenses.at(-1)?.text);
  });
});

describe('data of a license', () => {
  const code = new Uint8Array(16).fill(5);
  const licenses: License[] = [
    {
      product: 100,
      protectedData: Uint8Array.of(1),
      hidden: { code, data: Uint8Array.of(2) },
    },
  ];

  test('are read by everybody but for the hidden, which need their code', async () => {
    const { clock, connect } = await licensed({
      licenses,
      change: (draft) => putVendorState(draft, { ...vendorState(draft, vendor), name: 'Acme' }),
    });
    const dongle = await connect();
    expect(await clock.run(dongle.licenses.readData(run100))).toEqual({
      ...{ userData: undefined, protectedData: Uint8Array.of(1), hiddenData: undefined },
    });
    const open = await clock.run(dongle.licenses.readData({ ...run100, code }));
    expect(open.hiddenData).toEqual(Uint8Array.of(2));
    for (let i = 0; i < 16; i++) {
      const wrong = code.slice();
      wrong[i] = 6;
      const error = await clock.run(refusal(dongle.licenses.readData({ ...run100, code: wrong })));
      expect(error.code).toBe('PASSWORD_WRONG');
    }
  });

  test('of the user stay as they were written', async () => {
    const { clock, port, connect } = await licensed({ licenses });
    const dongle = await connect();
    const data = new Uint8Array(256).fill(3);
    await clock.run(dongle.licenses.writeUserData({ ...run100, data }));
    port.unplug();
    await port.plug();
    const again = await connect();
    expect((await clock.run(again.licenses.readData(run100))).userData).toEqual(data);
    await clock.run(again.licenses.writeUserData({ ...run100, data: new Uint8Array(0) }));
    expect((await clock.run(again.licenses.readData(run100))).userData).toBeUndefined();
  });
});

describe('seats', () => {
  const seats = [
    { application: 200, seats: 2 },
    { application: 201, seats: 0 },
    { application: 202, seats: 255 },
  ];

  test('are counted for each session of a runtime, and free when one is closed', async () => {
    const { clock, connect } = await licensed({ seats });
    const sessions = [await connect(), await connect(), await connect('vendor')];
    const [a, b, c] = sessions as [Dongle, Dongle, Dongle];
    const place = { application: 200 };
    expect((await clock.run(a.licenses.take(place))).seatsLeft).toBe(1);
    const second = await clock.run(b.licenses.take(place));
    expect(second.seatsLeft).toBe(0);
    expect((await clock.run(refusal(c.licenses.take(place)))).code).toBe('SEATS_TAKEN');
    expect(await clock.run(c.licenses.seats())).toEqual([
      { application: 200, seats: 2, taken: 2 },
      { application: 201, seats: 0, taken: 0 },
      { application: 202, seats: undefined, taken: 0 },
    ]);
    await clock.run(second.release());
    await clock.run(second.release());
    expect(second.held).toBe(false);
    const third = await clock.run(c.licenses.take(place));
    expect((await clock.run(refusal(b.licenses.take(place)))).code).toBe('SEATS_TAKEN');
    await clock.run(a.close());
    expect((await clock.run(b.licenses.take(place))).seatsLeft).toBe(0);
    expect(third.held).toBe(true);
    await clock.run(c.close());
    expect(third.held).toBe(false);
    await clock.run(third.release());
  });

  test('are none, or as many as like, where the table says so, or says nothing', async () => {
    const { clock, connect } = await licensed({ seats });
    const dongle = await connect();
    const take = (application: number) => clock.run(dongle.licenses.take({ application }));
    expect((await refusal(take(201))).code).toBe('SEATS_TAKEN');
    expect((await take(202)).seatsLeft).toBeUndefined();
    expect((await take(203)).seatsLeft).toBeUndefined();
  });

  test('of a license are its quantity, and need the license to be valid', async () => {
    const { clock, connect } = await licensed({
      licenses: [
        { product: 100, quantity: 1 },
        { product: 101, quantity: 1, expiry: 1 },
      ],
    });
    const [a, b] = [await connect(), await connect()];
    await clock.run(a.licenses.take(run100));
    expect((await clock.run(refusal(b.licenses.take(run100)))).code).toBe('SEATS_TAKEN');
    const expired = b.licenses.take({ vendor, product: 101 });
    expect((await clock.run(refusal(expired))).code).toBe('LICENSE_EXPIRED');
  });

  test('are free when a program stands still for longer than the lease', async () => {
    const { clock, port, runtime, connect } = await licensed({
      seats: [{ application: 200, seats: 2 }],
    });
    const still = new TestHost(clock);
    const [frozen, alive] = [
      await still.connect(port.source('hid'), runtime),
      await connect('vendor'),
    ];
    const place = { application: 200 };
    const seat = await clock.run(frozen.licenses.take(place));
    await clock.run(alive.licenses.take(place));
    expect(await taken(clock, alive)).toBe(2);
    still.freeze();
    await clock.advance(9_000);
    expect(await taken(clock, alive)).toBe(2);
    await clock.advance(4_000);
    expect(await taken(clock, alive)).toBe(1);
    const third = await connect();
    await clock.run(third.licenses.take(place));
    still.thaw();
    await clock.advance(5_000);
    expect(seat.held).toBe(false);
    expect(frozen.lifetime.aborted).toBe(true);
    expect(alive.lifetime.aborted).toBe(false);
  });

  test('are free for the next start of a service whose last has died', async () => {
    const { clock, host, port, runtime, connect } = await licensed({ seats });
    const dying = await connect();
    await clock.run(dying.licenses.take({ application: 200 }));
    // The process is gone: nothing of it says anything any more.
    host.freeze();
    const next = new TestHost(clock);
    const reborn: TestRuntime = { ...cloned(runtime), instance: new Uint8Array(16).fill(8) };
    const dongle = await next.connect(port.source('hid'), reborn);
    expect(await taken(clock, dongle)).toBe(0);
    expect((await clock.run(dongle.licenses.take({ application: 200 }))).seatsLeft).toBe(1);
  });
});

async function taken(clock: VirtualClock, dongle: Dongle): Promise<number | undefined> {
  return (await clock.run(dongle.licenses.seats()))[0]?.taken;
}

test('a license lasts as long as the dongle’s time says, whatever the system’s clock', async () => {
  const { clock, port, host, connect } = await licensed({
    licenses: [{ product: 100, expiry: (start + hour) / 1000 }],
  });
  const dongle = await connect();
  await clock.run(dongle.licenses.check(run100));
  // A clock that was set forward by mistake does not end it, nor does one set back prolong it.
  host.setClock(20 * day);
  port.unplug();
  await port.plug();
  const ahead = await connect();
  expect((await clock.run(refusal(ahead.time.offer()))).code).toBe('TIME_REFUSED');
  await clock.run(ahead.licenses.check(run100));
  host.setClock(-40 * day);
  port.unplug();
  await port.plug();
  const behind = await connect();
  await clock.advance(hour);
  expect((await clock.run(refusal(behind.licenses.check(run100)))).code).toBe('LICENSE_EXPIRED');
});
