import { afterEach } from 'vitest';
import {
  type BoardParts,
  EmulatedDongle,
  type License,
  LoopbackPort,
  largeFlash,
  MemoryFlash,
  type ModelName,
  manufacture,
  type Rules,
  type SeatRow,
  seededRandom,
  systemRandom,
  type UsbSpeed,
} from '../../src/emulator/index.ts';
import type { TrustStore } from '../../src/index.ts';
import { createTrustStore, testRoot } from '../../src/index.ts';

/** A dongle plugged into a port of this process. */
export interface Rig {
  readonly dongle: EmulatedDongle;
  readonly port: LoopbackPort;
}

const plugged: LoopbackPort[] = [];

afterEach(() => {
  for (const port of plugged.splice(0)) port.unplug();
});

/** A new dongle, plugged in; it is pulled out when the test is over. */
export async function plugDongle(
  options: BoardParts & {
    serial?: string;
    seed?: number;
    speed?: UsbSpeed;
    rules?: Partial<Rules>;
    licenses?: readonly License[];
    seats?: readonly SeatRow[];
    model?: ModelName;
  } = {},
): Promise<Rig> {
  const {
    serial = 'LK-TEST',
    seed,
    speed = 'high',
    rules,
    licenses,
    seats,
    model,
    ...parts
  } = options;
  const random = parts.random ?? (seed === undefined ? systemRandom : seededRandom(seed));
  const flash = parts.flash ?? new MemoryFlash(largeFlash);
  if (parts.flash === undefined)
    await manufacture(flash, random, serial, { rules, licenses, seats, model });
  const dongle = new EmulatedDongle({ ...parts, random, flash });
  const port = new LoopbackPort(dongle);
  await port.plug({ speed });
  plugged.push(port);
  return { dongle, port };
}

/** A store that trusts emulated dongles. */
export async function testTrust(): Promise<TrustStore> {
  const store = await createTrustStore({ roots: [testRoot], allowTest: true });
  if (!store.ok) throw new Error(store.detail);
  return store.value;
}
