import {
  EmulatedDongle,
  LoopbackPort,
  largeFlash,
  type ManufactureOptions,
  MemoryFlash,
  manufacture,
  systemRandom,
} from '../../src/emulator/index.ts';
import {
  type ConnectOptions,
  connect,
  createRuntime,
  createTrustStore,
  type Dongle,
  testRoot,
} from '../../src/index.ts';
import { inTurns } from '../harness/in-turns.ts';
import type { Side } from '../harness/measure.ts';

/** Dongles to connect to within one slice: each link would get the packets of the others too. */
const dongleCount = 4;

/**
 * `connect()` to an emulated dongle over vendor bulk, by a runtime that has its static key. The dongle
 * is free, so each is a new binding: by ticket, but for the first.
 */
export async function connects(): Promise<Side> {
  const plugged = await Promise.all(Array.from({ length: dongleCount }, () => pluggedDongle()));
  return connectsTo(plugged);
}

/** The same by invitation, as the runtime has another session with each dongle, over HID. */
export async function invitedConnects(): Promise<Side> {
  const plugged = await Promise.all(Array.from({ length: dongleCount }, () => pluggedDongle()));
  for (const { port, options } of plugged) await connect(port.source('hid'), options);
  return connectsTo(plugged);
}

function connectsTo(plugged: readonly Plugged[]): Side {
  const open: Dongle[] = [];
  return {
    async run(count) {
      for (const { port, options } of plugged.slice(0, count)) {
        open.push(await connect(port.source('vendor'), options));
      }
    },
    async settle() {
      for (const dongle of open.splice(0)) await dongle.close();
    },
    mostPerSlice: dongleCount,
  };
}

/** `echo()` of so many bytes by a connected dongle, `count` times, over 64-byte packets. */
export async function echoes(dataBytes: number): Promise<(count: number) => Promise<void>> {
  const { port, options } = await pluggedDongle();
  const dongle = await connect(port.source('hid'), options);
  const data = new Uint8Array(dataBytes).fill(0x5a);
  return async (count) => {
    for (let i = 0; i < count; i++) {
      const echo = await dongle.echo(data);
      if (echo.length !== dataBytes || echo[dataBytes - 1] !== 0x5a) throw new Error('not an echo');
    }
  };
}

/** `licenses.check()` of a license with features, units and an expiry, over 64-byte packets too. */
export async function licenseChecks(): Promise<(count: number) => Promise<void>> {
  const expiry = Math.floor(Date.now() / 1000) + 30 * 86_400;
  const { port, options } = await pluggedDongle({
    licenses: [{ product: 7, features: 0b11, units: 100, expiry }],
  });
  const dongle = await connect(port.source('hid'), options);
  const question = { vendor: 1, product: 7, features: 0b01 };
  return async (count) => {
    for (let i = 0; i < count; i++) {
      const { unitsLeft } = await dongle.licenses.check(question);
      if (unitsLeft !== 100) throw new Error('not the license');
    }
  };
}

/** `rsa.sign()` of 32 bytes by PSS with SHA-256 and a key of 2,048 bits, each session one at a time. */
export async function rsaSignatures(sessions: 1 | 4): Promise<Side> {
  const { port, options } = await pluggedDongle();
  // Only one program may claim the vendor interface.
  const face = sessions === 1 ? 'vendor' : 'hid';
  const message = new Uint8Array(32).fill(0x5a);
  const signers: (() => Promise<unknown>)[] = [];
  for (let i = 0; i < sessions; i++) {
    const dongle = await connect(port.source(face), options);
    const { key } = await dongle.rsa.generate({ bits: 2048 });
    signers.push(() => dongle.rsa.sign({ key, scheme: 'pss', hash: 'sha256', message }));
  }
  return { run: (count) => inTurns(signers, count) };
}

interface Plugged {
  readonly port: LoopbackPort;
  readonly options: ConnectOptions;
}

async function pluggedDongle(made: ManufactureOptions = {}): Promise<Plugged> {
  const flash = new MemoryFlash(largeFlash);
  await manufacture(flash, systemRandom, undefined, made);
  const port = new LoopbackPort(new EmulatedDongle({ flash }));
  await port.plug();
  const trust = await createTrustStore({ roots: [testRoot], allowTest: true });
  if (!trust.ok) throw new Error(trust.detail);
  return { port, options: { trust: trust.value, runtime: await createRuntime() } };
}
