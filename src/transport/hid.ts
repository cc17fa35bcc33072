import { access, constants, realpath } from 'node:fs/promises';
import { basename } from 'node:path';
import { DongleError } from '../errors.ts';
import type { Link, LinkListener } from '../link.ts';
import { hidUsage, usbFunctions, usbIds } from '../protocol/usb/index.ts';
import type { FaceSource } from './discovery.ts';
import { LinkEnd, settledWithin } from './link-end.ts';
import { importNative } from './native.ts';

/** What the transport uses of node-hid's `HIDAsync`. */
export interface HidDevice {
  on(event: 'data', listener: (report: Uint8Array) => void): unknown;
  on(event: 'error', listener: (error: unknown) => void): unknown;
  /** Queues a report; its first byte is the report id. */
  write(report: Buffer): Promise<number>;
  close(): Promise<void>;
}

const { packetBytes } = usbFunctions.hid;

/** Our reports have no numbers; the system wants to be told so, by a zero in front of each. */
const reportId = 0;

/** How long closing waits: a dongle that takes nothing would hold it up for 5 s a report. */
const closingMs = 1000;

/**
 * Finds the HID faces that are attached, whether or not this program may open them.
 *
 * @throws DongleError `UNSUPPORTED` where node-hid cannot be loaded
 */
export async function findHidFaces(): Promise<FaceSource[]> {
  const hid = await importNative('node-hid', () => import('node-hid'));
  const devices = await hid.devicesAsync(usbIds.vendorId, usbIds.productId);
  const ours = devices.filter(
    ({ usagePage, usage }) => usagePage === hidUsage.page && usage === hidUsage.usage,
  );
  const faces = ours.map(async ({ path, serialNumber, product }): Promise<FaceSource[]> => {
    if (path === undefined) return [];
    return [
      {
        face: 'hid',
        serial: serialNumber || undefined,
        product: product || undefined,
        path,
        location: await usbPort(path),
        open: (listener) => open(path, listener),
      },
    ];
  });
  return (await Promise.all(faces)).flat();

  async function open(path: string, listener: LinkListener): Promise<Link> {
    // macOS would keep all others out, which no other system does; the dongle sees to that itself.
    const opening = hid.HIDAsync.open(path, { nonExclusive: true });
    const device = await opening.catch(async (cause) => {
      throw await openingError(path, cause);
    });
    return { ...openHid(device, listener), path };
  }
}

/** The link on an open HID device. */
export function openHid(device: HidDevice, listener: LinkListener): Link {
  // node-hid begins to read at the next tick, and throws there when it has been closed by then.
  const reading = new Promise((resolve) => setImmediate(resolve));
  const end = new LinkEnd(listener, async () => {
    await reading;
    await settledWithin(closingMs, device.close());
  });
  // Reading never fails but when the device has gone.
  device.on('error', (cause) => end.end(new DongleError('DETACHED', undefined, { cause })));
  // A second listener would crash node-hid.
  device.on('data', (buffer) => {
    if (end.reason !== undefined || buffer.length !== packetBytes) return;
    listener.packets({ buffer, offset: 0, stride: packetBytes, packetBytes, count: 1 });
  });

  return {
    face: 'hid',
    packetBytes,
    headroomBytes: 1,
    async send({ buffer, offset, stride, count }) {
      if (end.reason !== undefined) throw end.reason;
      // All at once: waiting for each would leave the bus idle in between.
      const writes: Promise<number>[] = [];
      for (let i = 0; i < count; i++) {
        const start = offset + i * stride - 1;
        buffer[start] = reportId;
        // A view on the batch, which node-hid copies before `write` returns.
        const report = Buffer.from(buffer.buffer, buffer.byteOffset + start, 1 + packetBytes);
        writes.push(device.write(report));
      }
      try {
        await Promise.all(writes);
      } catch (cause) {
        throw await end.failed(cause);
      }
    },
    close: () => end.close(),
  };
}

/**
 * The USB port that a Linux hidraw node belongs to, as in `/sys/bus/usb/devices`: bus, and ports from
 * hub to hub, such as `1-2.4`.
 */
async function usbPort(path: string): Promise<string | undefined> {
  if (!path.startsWith('/dev/hidraw')) return undefined;
  try {
    const device = await realpath(`/sys/class/hidraw/${basename(path)}/device`);
    return /\/(\d+-[\d.]+):\d+\.\d+\//.exec(device)?.[1];
  } catch {
    return undefined;
  }
}

/** What it means that a HID device could not be opened: node-hid's errors have only words. */
async function openingError(path: string, cause: unknown): Promise<DongleError> {
  const message = cause instanceof Error ? cause.message : String(cause);
  const reason = path.startsWith('/dev/') ? await accessError(path) : undefined;
  if (reason === 'ENOENT' || reason === 'ENODEV') {
    return new DongleError('DETACHED', undefined, { cause });
  }
  if (reason === 'EACCES' || reason === 'EPERM') {
    return new DongleError(
      'PERMISSION_DENIED',
      `You may not open ${path}: copy udev/70-latchkey.rules of this package to /etc/udev/rules.d, run "udevadm control --reload", and plug the dongle in again.`,
      { cause },
    );
  }
  if (/denied|not permitted/i.test(message)) {
    return new DongleError('PERMISSION_DENIED', undefined, { cause });
  }
  return new DongleError('LINK_FAILED', `The dongle cannot be opened (${message}).`, { cause });
}

async function accessError(path: string): Promise<string | undefined> {
  try {
    await access(path, constants.R_OK | constants.W_OK);
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  }
}
