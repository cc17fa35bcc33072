import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';

// Where a USB device is, in Linux's words, and what Linux shows of it there.

/** Where libusb has seen a device. */
interface UsbPlace {
  readonly busNumber: number;
  readonly deviceAddress: number;
  /** From hub to hub. */
  readonly portNumbers?: readonly number[] | undefined;
}

/** Bus, and ports from hub to hub, as Linux writes them: `1-2.4`. */
export function portOf({ busNumber, portNumbers }: UsbPlace): string | undefined {
  return portNumbers === undefined ? undefined : `${busNumber}-${portNumbers.join('.')}`;
}

export function linuxPath({ busNumber, deviceAddress }: UsbPlace): string | undefined {
  if (process.platform !== 'linux') return undefined;
  const [bus, address] = [busNumber, deviceAddress].map((number) => `${number}`.padStart(3, '0'));
  return `/dev/bus/usb/${bus}/${address}`;
}

/**
 * Whether a device is still there. libusb hears of a replug some time after the kernel, and shows the
 * device of before until then.
 */
export async function isPresent(raw: UsbPlace): Promise<boolean> {
  if (process.platform !== 'linux') return true;
  const address = await linuxText(raw, 'devnum');
  // Where there is no sysfs, libusb is all there is to go by.
  return address === undefined
    ? !existsSync('/sys/bus/usb')
    : Number(address) === raw.deviceAddress;
}

/** What Linux shows of a device to everybody, such as the strings in its descriptors. */
export async function linuxText(
  raw: UsbPlace,
  name: 'serial' | 'product' | 'devnum',
): Promise<string | undefined> {
  try {
    return (await readFile(`/sys/bus/usb/devices/${portOf(raw)}/${name}`, 'utf8')).trim();
  } catch {
    return undefined;
  }
}
