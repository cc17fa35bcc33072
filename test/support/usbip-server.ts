import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { duplexPair } from 'node:stream';
import { afterEach } from 'vitest';
import type { UsbSpeed } from '../../src/emulator/board/usb-controller.ts';
import {
  EmulatedDongle,
  MemoryFlash,
  manufacture,
  systemRandom,
  UsbIpServer,
} from '../../src/emulator/index.ts';
import { Importer } from './usbip-importer.ts';

const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** A folder that is gone when the test is over. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-'));
  cleanups.push(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** A new dongle, without power. */
export async function newDongle(serial = 'LK-TEST'): Promise<EmulatedDongle> {
  const flash = new MemoryFlash();
  await manufacture(flash, systemRandom, serial);
  return new EmulatedDongle({ flash });
}

/** A server with new dongles. */
export interface ServerRig {
  readonly server: UsbIpServer;
  readonly dongles: readonly EmulatedDongle[];
  /** What the server has told, such as `1-1 attached`. */
  readonly events: readonly string[];
  /** A new importer, over a real unix socket. */
  connect(): Promise<Importer>;
  /** A new importer, over a stream in this process. */
  connectInside(): Importer;
}

/** Starts a server on a unix socket, for as long as the test runs. */
export async function startServer(
  options: { count?: number; hosts?: number; speed?: UsbSpeed } = {},
): Promise<ServerRig> {
  const { count = 1, hosts, speed } = options;
  const dongles: EmulatedDongle[] = [];
  for (let i = 1; i <= count; i++) dongles.push(await newDongle(`LK-${i}`));
  const events: string[] = [];
  const server = new UsbIpServer(
    dongles.map((dongle) => ({ dongle, speed, hosts })),
    {
      attached: (busId) => events.push(`${busId} attached`),
      detached: (busId) => events.push(`${busId} detached`),
    },
  );
  const path = join(temporaryFolder(), 'usbip.sock');
  await server.listen({ path });
  cleanups.push(() => server.close());
  return {
    server,
    dongles,
    events,
    async connect() {
      const importer = await Importer.connect(path);
      cleanups.push(() => importer.stream.destroy());
      return importer;
    },
    connectInside() {
      const [ours, theirs] = duplexPair();
      // As with sockets, but unlike the streams of older versions of Node.
      ours.on('close', () => theirs.destroy());
      theirs.on('close', () => ours.destroy());
      server.accept(theirs);
      return new Importer(ours);
    },
  };
}
