import { systemClock } from '../../src/clock.ts';
import { demoLicenses, demoSeats, type Target, type UsbPort } from '../../src/conformance/index.ts';
import {
  EmulatedDongle,
  LoopbackPort,
  largeFlash,
  MemoryFlash,
  manufacture,
  seededRandom,
  type UsbSpeed,
  VirtualClock,
} from '../../src/emulator/index.ts';
import { createTrustStore, testRoot } from '../../src/protocol/certificates/index.ts';
import { EndpointPipe } from './endpoint-pipe.ts';
import { simulatedRsa } from './simulated-rsa.ts';

/** A fresh emulated dongle in virtual time; one seed decides all that is random in it. */
export async function virtualTarget(
  seed: number | string,
  speed: UsbSpeed = 'high',
): Promise<Target> {
  const clock = new VirtualClock();
  const random = seededRandom(`dongle ${seed}`);
  const flash = new MemoryFlash(largeFlash);
  await manufacture(flash, random, undefined, { licenses: demoLicenses, seats: demoSeats });
  const dongle = new EmulatedDongle({ clock, random, flash, rsa: simulatedRsa(clock) });
  const port = new LoopbackPort(dongle);
  await port.plug({ speed });
  const trust = await createTrustStore({ roots: [testRoot], allowTest: true });
  if (!trust.ok) throw new Error(trust.detail);
  return {
    name: `emulated dongle at ${speed} speed, in virtual time`,
    source: (face) => port.source(face),
    licenses: true,
    updates: true,
    usb: usbPort(dongle, port, speed),
    power: { off: async () => port.unplug(), on: () => port.plug({ speed }) },
    clock,
    pass: (ms) => clock.advance(ms),
    trust: trust.value,
    random: seededRandom(`host ${seed}`),
  };
}

/** The USB port that a dongle is plugged into, past the links that it gives. */
function usbPort(dongle: EmulatedDongle, port: LoopbackPort, speed: UsbSpeed): UsbPort {
  const { usb } = dongle.board;
  const transfer = async (address: number, bytes: Uint8Array) => {
    const { status, byteCount } = await new EndpointPipe(usb, address, undefined).submit(
      usb,
      bytes,
      undefined,
    );
    if (status === 'stall') return status;
    if (status !== 'ok') throw new Error(`the transfer ended with ${status}`);
    return bytes.subarray(0, byteCount);
  };
  return {
    speed,
    control: async (setup, data) => usb.control(setup, data) ?? 'stall',
    write: async (address, data) => {
      const outcome = await transfer(address, data);
      return outcome === 'stall' ? outcome : 'done';
    },
    read: (address, roomBytes) => transfer(address, new Uint8Array(roomBytes)),
    reset: async () => port.reset(),
  };
}

/** A fresh emulated dongle with the engines and the clock of this machine. */
export async function realTimeTarget(): Promise<Target> {
  const flash = new MemoryFlash(largeFlash);
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
