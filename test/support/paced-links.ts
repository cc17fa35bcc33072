import {
  EmulatedDongle,
  MemoryFlash,
  manufacture,
  systemRandom,
  VirtualClock,
} from '../../src/emulator/index.ts';
import { connect, createTrustStore, type LinkSource, testRoot } from '../../src/index.ts';
import { sealBytes } from '../../src/protocol/channel/index.ts';
import { echo, encodeRequest } from '../../src/protocol/commands/index.ts';
import { openHid } from '../../src/transport/hid.ts';
import { findVendorFaces } from '../../src/transport/webusb.ts';
import { EmulatedHidraw } from './emulated-hid.ts';
import { UsbHost } from './emulated-usb.ts';
import { EmulatedWebUsb } from './emulated-webusb.ts';
import { type BusKind, buses, PacedBus } from './paced-bus.ts';

/** A way to reach a dongle, and what it costs. */
export interface Wire {
  readonly bus: BusKind;
  /** What the host takes for each transfer, in milliseconds. */
  readonly overheadMs: number;
  /**
   * HID reports that a system has under way at once, 3 unless given: a third is on its way when two
   * have arrived.
   */
  readonly reportsUnderWay?: number;
}

/** Messages of one size over a wire. */
export interface PacedLink extends Wire {
  /** In bytes. */
  readonly messageBytes: number;
}

/** The links that are measured, and the share of the bus that our data has to reach. 0.3 ms is a slow native host, 1.2 ms is a browser. */
export const pacedLinks = {
  'link-fs-interrupt': {
    bus: buses.fullSpeedInterrupt,
    overheadMs: 1.2,
    messageBytes: 7_609,
    atLeast: 0.88,
  },
  'link-fs-bulk': {
    bus: buses.fullSpeedBulk,
    overheadMs: 0.3,
    messageBytes: 7_609,
    atLeast: 0.88,
  },
  'link-hs-bulk': {
    bus: buses.highSpeedBulk,
    overheadMs: 0.3,
    messageBytes: 65_401,
    atLeast: 0.7,
  },
  'link-hs-bulk-browser': {
    bus: buses.highSpeedBulk,
    overheadMs: 1.2,
    messageBytes: 65_401,
    atLeast: 0.45,
  },
} as const satisfies Record<string, PacedLink & { readonly atLeast: number }>;

/** The links through which a mebibyte of AES-CTR goes, and the share of the bus that it has to reach. */
export const pacedStreams = {
  'aes-1m-fs-interrupt': { bus: buses.fullSpeedInterrupt, overheadMs: 1.2, atLeast: 0.85 },
  'aes-1m-hs-bulk': { bus: buses.highSpeedBulk, overheadMs: 0.3, atLeast: 0.6 },
} as const satisfies Record<string, Wire & { readonly atLeast: number }>;

/** Echoes that are measured, after a first one. */
const echoCount = 20;

/**
 * How many bytes of data a millisecond go through the channel, in either direction: the largest
 * echoes to an emulated dongle, through the real transports, on a bus in virtual time.
 */
export async function pacedRate(link: PacedLink): Promise<number> {
  const { clock, dongle } = await connectPaced(link);
  const { messageBytes } = link;
  const data = new Uint8Array(messageBytes - envelopeBytes(messageBytes)).fill(0x5a);
  const echoOnce = async () => {
    const echoed = await dongle.echo(data, { deadlineMs: 60_000 });
    if (echoed.length !== data.length) throw new Error('not an echo');
  };
  await clock.run(echoOnce());
  const startMs = clock.now();
  for (let i = 0; i < echoCount; i++) await clock.run(echoOnce());
  const rate = (2 * echoCount * data.length) / (clock.now() - startMs);
  await clock.run(dongle.close());
  return rate;
}

/** The same of one stream of AES-CTR with a mebibyte, both directions summed. */
export async function pacedStreamRate(wire: Wire): Promise<number> {
  const { clock, dongle } = await connectPaced(wire);
  const data = new Uint8Array(2 ** 20).fill(0x5a);
  const setup = { direction: 'encrypt', mode: 'ctr', iv: new Uint8Array(16) } as const;
  const startMs = clock.now();
  const encrypted = await clock.run(dongle.aes.process(setup, data, { deadlineMs: 600_000 }));
  const rate = (2 * data.length) / (clock.now() - startMs);
  if (encrypted.length !== data.length) throw new Error('not all of it');
  await clock.run(dongle.close());
  return rate;
}

/** A session with a new dongle over such a wire. */
async function connectPaced({ bus, overheadMs, reportsUnderWay = 3 }: Wire) {
  const clock = new VirtualClock();
  const flash = new MemoryFlash();
  await manufacture(flash, systemRandom);
  const host = new UsbHost(new EmulatedDongle({ flash, clock }), {
    speed: bus === buses.highSpeedBulk ? 'high' : 'full',
    pacing: new PacedBus(clock, bus, overheadMs),
  });
  await clock.run(host.plug());
  const trust = await createTrustStore({ roots: [testRoot], allowTest: true });
  if (!trust.ok) throw new Error(trust.detail);
  const source = bus.polled ? hidSource(host, reportsUnderWay) : await vendorSource(host);
  const dongle = await clock.run(connect(source, { trust: trust.value, clock }));
  return { clock, dongle };
}

/** Bytes of a message that are not the data of an echo: the seal, and the command around the data. */
function envelopeBytes(messageBytes: number): number {
  const most = new Uint8Array(messageBytes);
  return sealBytes + encodeRequest(echo, { data: most }).length - most.length;
}

function hidSource(host: UsbHost, reportsUnderWay: number): LinkSource {
  const hidraw = new EmulatedHidraw(host);
  return {
    face: 'hid',
    open: async (listener) => openHid(hidraw.open(reportsUnderWay), listener),
  };
}

async function vendorSource(host: UsbHost): Promise<LinkSource> {
  const [source] = await findVendorFaces(new EmulatedWebUsb(host));
  if (source === undefined) throw new Error('the dongle was not found');
  return source;
}
