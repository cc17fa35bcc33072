import { afterEach, beforeEach, expect } from 'vitest';
import {
  EmulatedDongle,
  MemoryFlash,
  manufacture,
  systemRandom,
} from '../../src/emulator/index.ts';
import type { Link, LinkListener, PacketBatch } from '../../src/link.ts';
import {
  broadcastChannel,
  packetCommands,
  writePackets,
} from '../../src/protocol/packets/index.ts';
import { type HostOptions, UsbHost } from '../support/emulated-usb.ts';

const plugged: UsbHost[] = [];

afterEach(() => {
  for (const host of plugged.splice(0)) host.unplug();
});

/** In each test of the file, whatever rejects has somebody who handles it. */
export function expectNoUnhandledRejections(): void {
  const unhandled: unknown[] = [];
  const remember = (reason: unknown) => unhandled.push(reason);
  beforeEach(() => process.on('unhandledRejection', remember));
  afterEach(async () => {
    await settled();
    process.off('unhandledRejection', remember);
    expect(unhandled.splice(0)).toEqual([]);
  });
}

/** A new dongle in a port of its own; it is pulled out when the test is over. */
export async function plugIntoHost(serial = 'LK-TEST', options?: HostOptions): Promise<UsbHost> {
  const flash = new MemoryFlash();
  await manufacture(flash, systemRandom, serial);
  const host = new UsbHost(new EmulatedDongle({ flash }), options);
  await host.plug();
  plugged.push(host);
  return host;
}

/** What a link's listener was told. */
export class Heard implements LinkListener {
  /** The batches' sizes, in packets. */
  readonly batches: number[] = [];
  /** The codes of the links' ends. */
  readonly ends: string[] = [];

  packets(batch: PacketBatch): void {
    this.batches.push(batch.count);
  }

  detached(reason: { code: string }): void {
    this.ends.push(reason.code);
  }
}

/** INIT on the broadcast channel: one packet, one answer. */
export function initBatch(link: Pick<Link, 'packetBytes' | 'headroomBytes'>): PacketBatch {
  const { packetBytes, headroomBytes: offset } = link;
  const stride = offset + packetBytes;
  const buffer = new Uint8Array(stride);
  const nonce = new Uint8Array(8);
  const { INIT } = packetCommands;
  writePackets(buffer, offset, stride, packetBytes, broadcastChannel, INIT.code, nonce);
  return { buffer, offset, stride, packetBytes, count: 1 };
}

/** Waits until what was set off has happened. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 5));
}
