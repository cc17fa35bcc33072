import type { Flash } from '../../../src/emulator/board/flash.ts';
import type { RandomSource } from '../../../src/emulator/board/random.ts';
import { loadDurable } from '../../../src/emulator/firmware/durable.ts';
import { Ledger } from '../../../src/emulator/firmware/ledger.ts';
import { defaultRules, type Rules } from '../../../src/emulator/firmware/ownership/index.ts';
import { Power } from '../../../src/emulator/firmware/power.ts';
import { Registrar } from '../../../src/emulator/firmware/registrar.ts';
import type { EndReason } from '../../../src/emulator/firmware/sessions.ts';
import { Store } from '../../../src/emulator/firmware/store/store.ts';
import { seededRandom, type VirtualClock } from '../../../src/emulator/index.ts';
import type { RuntimeClaim } from '../../../src/protocol/channel/index.ts';

/** The part of the firmware that keeps who has the dongle, with sessions that are only counted. */
export interface Owned {
  readonly registrar: Registrar;
  readonly ledger: Ledger;
  readonly power: Power;
  readonly sessions: {
    count: number;
    executing: boolean;
    readonly ended: EndReason[];
    makeRoom(): boolean;
    endAll(reason: EndReason): void;
  };
}

/** Boots it on flash that has a store. */
export function bootOwned(
  flash: Flash,
  clock: VirtualClock,
  { rules = defaultRules, random = seededRandom('owned') }: BootOptions = {},
): Owned {
  const store = Store.open(flash);
  if (!store.ok) throw new Error(store.detail);
  const durable = loadDurable(store.value);
  if (!durable.ok) throw new Error(durable.detail);
  const power = new Power(clock);
  const ledger = new Ledger(store.value, power);
  const sessions: Owned['sessions'] = {
    count: 0,
    executing: false,
    ended: [],
    makeRoom: () => sessions.count < 8,
    endAll(reason) {
      sessions.ended.push(reason);
      sessions.count = 0;
    },
  };
  const registrar = new Registrar({ rules, durable: durable.value, ledger, random, sessions });
  registrar.attach();
  return { registrar, ledger, power, sessions };
}

interface BootOptions {
  readonly rules?: Rules;
  readonly random?: RandomSource;
}

/** Bytes that a name determines. */
export function named(name: string, count: number): Uint8Array {
  return seededRandom(name)(count);
}

/** The claim of an instance of that name, on a machine of that name. */
export function claimOf(name: string, ticket?: Uint8Array, wallMs = 0): RuntimeClaim {
  const [instance, machine] = [named(`instance ${name}`, 16), [named(`machine ${name}`, 8)]];
  return { instance, machine, wallMs, ...(ticket && { ticket }) };
}

/** A runtime's static key. */
export function keyOf(name: string): Uint8Array {
  return named(`key ${name}`, 32);
}
