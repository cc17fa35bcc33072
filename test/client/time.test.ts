import { expect, test } from 'vitest';
import {
  EmulatedDongle,
  LoopbackPort,
  largeFlash,
  MemoryFlash,
  manufacture,
  seededRandom,
  VirtualClock,
} from '../../src/emulator/index.ts';
import type { Dongle } from '../../src/index.ts';
import { testTimeServer } from '../support/time-server.ts';
import { refusal, runtimeOn, TestHost } from './test-host.ts';

const vendor = 1;
const day = 86_400_000;

/** A dongle, a machine, and the time server of its vendor. */
async function timed(licenses = [{ product: 100, expiry: Date.UTC(2026, 0, 11) / 1000 }]) {
  const clock = new VirtualClock();
  const random = seededRandom('timed');
  const flash = new MemoryFlash(largeFlash);
  await manufacture(flash, random, 'LK-TIMED', { licenses });
  const device = new EmulatedDongle({ clock, random, flash });
  const certify = testTimeServer(device);
  const port = new LoopbackPort(device);
  await port.plug();
  const host = new TestHost(clock);
  const runtime = await runtimeOn('home');
  return {
    ...{ clock, port, host },
    connect: () => host.connect(port.source('hid'), runtime),
    /** Asks for a nonce, and has it certified at that time. */
    async certified(dongle: Dongle, time: number): Promise<Uint8Array> {
      const { nonce } = await clock.run(dongle.time.read());
      return certify(nonce, time);
    },
  };
}

test('a certified time answers the nonce of its session, once', async () => {
  const { clock, connect, certified } = await timed();
  const dongle = await connect();
  const file = await certified(dongle, Date.UTC(2026, 5, 1));
  expect(await clock.run(dongle.time.certify(file))).toEqual(new Date(Date.UTC(2026, 5, 1)));
  expect((await clock.run(refusal(dongle.time.certify(file)))).code).toBe('TIME_REFUSED');
  const { certified: told, poweredMs } = await clock.run(dongle.time.read());
  expect(told).toEqual(new Date(Date.UTC(2026, 5, 1)));
  expect(poweredMs).toBeLessThan(1000);
  const later = await certified(dongle, Date.UTC(2026, 5, 2));
  const other = await connect();
  expect((await clock.run(refusal(other.time.certify(later)))).code).toBe('TIME_REFUSED');
  await clock.run(dongle.time.read());
  expect((await clock.run(refusal(dongle.time.certify(later)))).code).toBe('TIME_REFUSED');
});

test('a certified time does not run backwards', async () => {
  const { clock, connect, certified } = await timed();
  const dongle = await connect();
  await clock.run(dongle.time.certify(await certified(dongle, Date.UTC(2026, 5, 2))));
  const earlier = await certified(dongle, Date.UTC(2026, 5, 1));
  expect((await clock.run(refusal(dongle.time.certify(earlier)))).code).toBe('TIME_REFUSED');
});

test('a clock that was set forward kills no license for good', async () => {
  const { clock, port, host, connect, certified } = await timed();
  // The very first time that the dongle hears of is wrong by a month.
  host.setClock(30 * day);
  const dongle = await connect();
  const question = { vendor, product: 100 };
  expect((await clock.run(refusal(dongle.licenses.check(question)))).code).toBe('LICENSE_EXPIRED');
  host.setClock(-30 * day);
  port.unplug();
  await port.plug();
  const again = await connect();
  expect((await clock.run(refusal(again.licenses.check(question)))).code).toBe('LICENSE_EXPIRED');
  await clock.run(again.time.certify(await certified(again, clock.wall())));
  expect((await clock.run(again.licenses.check(question))).expiry).toEqual(
    new Date(Date.UTC(2026, 0, 11)),
  );
});

test('a damaged or foreign file is refused by its name, and the next good one is taken', async () => {
  const { clock, connect, certified } = await timed();
  const dongle = await connect();
  const file = await certified(dongle, Date.UTC(2026, 5, 1));
  const damaged = file.slice();
  damaged[file.length - 1] = (damaged[file.length - 1] as number) ^ 1;
  expect((await clock.run(refusal(dongle.time.certify(damaged)))).code).toBe('UPDATE_UNTRUSTED');
  expect((await clock.run(refusal(dongle.time.certify(file.slice(1))))).code).toBe(
    'UPDATE_INVALID',
  );
  expect(await clock.run(dongle.time.certify(file))).toEqual(new Date(Date.UTC(2026, 5, 1)));
});
