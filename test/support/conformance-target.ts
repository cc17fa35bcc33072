import { systemClock } from '../../src/clock.ts';
import type { Target } from '../../src/conformance/index.ts';
import {
  EmulatedDongle,
  LoopbackPort,
  MemoryFlash,
  manufacture,
  seededRandom,
  VirtualClock,
} from '../../src/emulator/index.ts';
import { createTrustStore, testRoot } from '../../src/protocol/certificates/index.ts';
import { simulatedRsa } from './simulated-rsa.ts';

/** A fresh emulated dongle in virtual time; one seed decides all that is random in it. */
export async function virtualTarget(seed: number | string): Promise<Target> {
  const clock = new VirtualClock();
  const random = seededRandom(`dongle ${seed}`);
  const flash = new MemoryFlash();
  await manufacture(flash, random);
  const dongle = new EmulatedDongle({ clock, random, flash, rsa: simulatedRsa(clock) });
  const port = new LoopbackPort(dongle);
  await port.plug();
  const trust = await createTrustStore({ roots: [testRoot], allowTest: true });
  if (!trust.ok) throw new Error(trust.detail);
  return {
    name: 'emulated dongle in virtual time',
    source: (face) => port.source(face),
    clock,
    pass: (ms) => clock.advance(ms),
    trust: trust.value,
    random: seededRandom(`host ${seed}`),
  };
}

/** A fresh emulated dongle with the engines and the clock of this machine. */
export async function realTimeTarget(): Promise<Target> {
  const flash = new MemoryFlash();
  const random = seededRandom('real time');
  await manufacture(flash, random);
  const port = new LoopbackPort(new EmulatedDongle({ flash }));
  await port.plug();
  return {
    name: 'emulated dongle in real time',
    source: (face) => port.source(face),
    clock: systemClock,
    pass: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    // Only the order of answers counts here: this machine may be slow.
    toleranceMs: 30_000,
  };
}
