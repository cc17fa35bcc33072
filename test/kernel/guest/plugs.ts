import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { type Attachment, attach, attachments, detach } from '../../../src/host/vhci.ts';
import { DongleError, listDongles } from '../../../src/node.ts';
import { parseUsbIpAddress, type UsbIpAddress } from '../../../src/protocol/usbip/index.ts';
import type { FoundDongle } from '../../../src/transport/discovery.ts';

/** How long the kernel and its drivers may take for one thing. */
const patienceMs = 15_000;

/** Looking costs an emulated processor more than it costs to be a little late. */
const lookMs = 100;

/** Waits until `look` gives something; throws an Error when it does not in time. */
export async function until<Value>(
  what: string | (() => string),
  look: () => Value | undefined | Promise<Value | undefined>,
): Promise<Value> {
  const endMs = performance.now() + patienceMs;
  do {
    const value = await look();
    if (value !== undefined) return value;
    await delay(lookMs);
  } while (performance.now() < endMs);
  const missed = typeof what === 'string' ? what : what();
  throw new Error(`${missed}: nothing in ${patienceMs} ms`);
}

/** Where the dongles are that run outside of this machine. */
export function outsideAddress(): UsbIpAddress {
  const address = parseUsbIpAddress(process.env['LATCHKEY_USBIP'] ?? '');
  if (!address.ok) throw new Error(address.detail);
  return address.value;
}

/** The hidraw devices there are. */
export function hidraws(): string[] {
  return existsSync('/sys/class/hidraw') ? readdirSync('/sys/class/hidraw').sort() : [];
}

/** Attaches a dongle and waits until its drivers are bound. */
export async function plug(address: UsbIpAddress, busId: string): Promise<Attachment> {
  // A dongle that was detached a moment ago may still be the last importer's.
  let refusal = '';
  const attachment = await until(
    () => `attaching ${busId} (${refusal})`,
    async () => {
      try {
        return await attach(address, busId);
      } catch (error) {
        if (!(error instanceof DongleError && error.code === 'LINK_FAILED')) throw error;
        refusal = error.message;
        return undefined;
      }
    },
  );
  const { localBusId } = attachment;
  const hid = `/sys/bus/usb/devices/${localBusId}/${localBusId}:1.0`;
  await until(`hidraw of ${localBusId}`, () => {
    if (!existsSync(hid)) return undefined;
    const driver = readdirSync(hid).find((name) => /^\d{4}:[0-9A-F]{4}:/i.test(name));
    return driver !== undefined && existsSync(`${hid}/${driver}/hidraw`) ? true : undefined;
  });
  return attachment;
}

/** Detaches all. */
export async function unplugAll(): Promise<void> {
  for (const each of attachments()) await detach(each.port);
}

/**
 * Finds what was plugged in, with both faces. Until libusb has heard of it, the port may still show
 * the device before it, which only its address tells apart.
 */
export function found({ localBusId }: Attachment): Promise<FoundDongle> {
  const folder = `/sys/bus/usb/devices/${localBusId}`;
  return until(`the faces of ${localBusId}`, async () => {
    const node = ['busnum', 'devnum']
      .map((name) => readFileSync(`${folder}/${name}`, 'utf8').trim().padStart(3, '0'))
      .join('/');
    return (await listDongles()).find(
      ({ faces }) =>
        faces.length === 2 &&
        faces.every(({ location }) => location === localBusId) &&
        faces.some(({ path }) => path === `/dev/bus/usb/${node}`),
    );
  });
}
