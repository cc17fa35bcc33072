import { type Flash, largeFlash, MemoryFlash } from '../../../src/emulator/board/flash.ts';
import { seededRandom } from '../../../src/emulator/board/random.ts';
import { VirtualClock } from '../../../src/emulator/board/virtual-clock.ts';
import type { Reply } from '../../../src/emulator/firmware/handler.ts';
import { Ledger } from '../../../src/emulator/firmware/ledger.ts';
import { type Entry, Licenses, putLicense } from '../../../src/emulator/firmware/licenses/index.ts';
import { Power } from '../../../src/emulator/firmware/power.ts';
import type { Draft } from '../../../src/emulator/firmware/store/draft.ts';
import { Store } from '../../../src/emulator/firmware/store/store.ts';
import { DongleTime } from '../../../src/emulator/firmware/time/index.ts';
import type { License } from '../../../src/protocol/licenses/index.ts';

export const vendor = 1;
export const secret = new Uint8Array(32).fill(7);

/** The moment that tests begin at: 2026-01-01. */
export const start = 1_767_225_600;
export const day = 86_400;

/** What of the firmware a license needs, without USB and sessions. */
export interface LicensedDevice {
  readonly flash: Flash;
  readonly clock: VirtualClock;
  readonly power: Power;
  readonly ledger: Ledger;
  readonly time: DongleTime;
  readonly licenses: Licenses;
  /** The machine of the runtime that has the dongle. */
  readonly owner: { machine: readonly Uint8Array[] };
  /** Does what an update does, and commits it. */
  update<Value>(change: (draft: Draft) => Reply<Value>): Reply<Value>;
  /** What the store says of a license. */
  entry(product: number): Entry;
}

/** Flash with an empty store. */
export function formatted(): MemoryFlash {
  const flash = new MemoryFlash(largeFlash);
  Store.format(flash);
  return flash;
}

export function bootLicensed(
  flash: Flash = formatted(),
  clock = new VirtualClock(),
): LicensedDevice {
  const store = Store.open(flash);
  if (!store.ok) throw new Error(store.detail);
  const power = new Power(clock);
  const ledger = new Ledger(store.value, power);
  const time = new DongleTime(ledger);
  const owner = { machine: [named('home', 8)] as readonly Uint8Array[] };
  const licenses = new Licenses(ledger, time, owner);
  return {
    ...{ flash, clock, power, ledger, time, licenses, owner },
    update(change) {
      const draft = ledger.draft();
      const reply = change(draft);
      if (reply.ok && !ledger.commit(draft.changes)) return { ok: false, code: 'NO_SPACE' };
      return reply;
    },
    entry(product) {
      const entry = licenses.find({ vendor, product });
      if (entry === undefined) throw new Error(`there is no license ${product}`);
      return entry;
    },
  };
}

/** Loses power and gets it back: the time is what was written down. */
export function replugged(device: LicensedDevice): LicensedDevice {
  device.power.cut();
  const again = bootLicensed(device.flash, device.clock);
  again.owner.machine = device.owner.machine;
  return again;
}

/** A device that has one license, and knows the time. */
export function deviceWith(license: Partial<License>): LicensedDevice {
  const device = bootLicensed();
  device.time.offer(start);
  put(device, license);
  return device;
}

export function put(device: LicensedDevice, license: Partial<License>): Reply<object> {
  return device.update((draft) =>
    putLicense(draft, { licenses: 24 }, vendor, { product: 100, ...license }),
  );
}

/** Bytes that a name determines. */
export function named(name: string, count = 16): Uint8Array {
  return seededRandom(name)(count);
}

/** Takes units by a request of that name, which says what `content` does. */
export function take(
  device: LicensedDevice,
  request: string,
  { units = 1, content = 'same', product = 100 } = {},
): Reply<number | undefined> {
  const taking = { request: named(request), units, digest: named(`${content} ${units}`) };
  return device.licenses.take({ vendor, product }, {}, taking);
}

/** The refusal of a question; undefined where the license is valid. */
export function refusalOf(device: LicensedDevice, question: object = {}, product = 100) {
  const reply = device.licenses.use({ vendor, product }, question);
  return reply.ok ? undefined : reply.code;
}
