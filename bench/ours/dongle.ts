import { suite } from '#crypto';
import {
  EmulatedDongle,
  LoopbackPort,
  MemoryFlash,
  manufacture,
  systemRandom,
} from '../../src/emulator/index.ts';
import {
  type ConnectOptions,
  connect,
  createTrustStore,
  type Dongle,
  type FaceName,
  type LinkSource,
  testRoot,
} from '../../src/index.ts';
import type { Side } from '../harness/measure.ts';

/** Dongles to connect to within one slice: each link would get the packets of the others too. */
const dongleCount = 4;

/** `connect()` to an emulated dongle by a host that has its static key, over vendor bulk. */
export async function connects(): Promise<Side> {
  const plugged = await Promise.all(
    Array.from({ length: dongleCount }, () => pluggedDongle('vendor')),
  );
  const open: Dongle[] = [];
  return {
    async run(count) {
      for (const { source, options } of plugged.slice(0, count)) {
        open.push(await connect(source, options));
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
  const { source, options } = await pluggedDongle('hid');
  const dongle = await connect(source, options);
  const data = new Uint8Array(dataBytes).fill(0x5a);
  return async (count) => {
    for (let i = 0; i < count; i++) {
      const echo = await dongle.echo(data);
      if (echo.length !== dataBytes || echo[dataBytes - 1] !== 0x5a) throw new Error('not an echo');
    }
  };
}

async function pluggedDongle(
  face: FaceName,
): Promise<{ source: LinkSource; options: ConnectOptions }> {
  const flash = new MemoryFlash();
  await manufacture(flash, systemRandom);
  const port = new LoopbackPort(new EmulatedDongle({ flash }));
  await port.plug();
  const trust = await createTrustStore({ roots: [testRoot], allowTest: true });
  if (!trust.ok) throw new Error(trust.detail);
  const identity = await suite.generateDhKey();
  return { source: port.source(face), options: { trust: trust.value, identity } };
}
