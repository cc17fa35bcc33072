import { DongleError, errorTable } from '../errors.ts';
import type { Link, LinkListener } from '../link.ts';
import { usbIds, vendorInterface } from '../protocol/usb/index.ts';
import type { FaceSource } from './discovery.ts';
import type { WebUsb, WebUsbDevice } from './webusb-api.ts';
import { type VendorEndpoints, vendorEndpoints } from './webusb-endpoints.ts';
import { openVendorLink } from './webusb-link.ts';

/** Where a device is, as far as the machine tells. */
export interface Place {
  readonly path?: string | undefined;
  readonly location?: string | undefined;
}

const claimedElsewhere =
  'Another program has claimed the dongle’s vendor interface; close it and try again.';

/** Devices that this program has open: the API would let it share them with itself. */
const inUse = new WeakSet<WebUsbDevice>();

/**
 * Finds the vendor faces that this program may use.
 *
 * @param locate - where a device is, if the machine tells
 */
export async function findVendorFaces(
  usb: WebUsb,
  locate?: (device: WebUsbDevice) => Place,
): Promise<FaceSource[]> {
  const devices = await usb.getDevices();
  return devices.flatMap((device) => vendorFace(usb, device, locate?.(device)) ?? []);
}

/**
 * Lets a person choose a vendor face.
 *
 * @throws DongleError `NOT_FOUND` when none was chosen, `PERMISSION_DENIED`
 */
export async function requestVendorFace(usb: WebUsb): Promise<FaceSource> {
  const { class: classCode, subclass: subclassCode, protocol: protocolCode } = vendorInterface;
  let device: WebUsbDevice;
  try {
    device = await usb.requestDevice({
      filters: [{ ...usbIds, classCode, subclassCode, protocolCode }],
    });
  } catch (cause) {
    if (nameOf(cause) === 'SecurityError') {
      throw new DongleError(
        'PERMISSION_DENIED',
        'The browser asks for a dongle only in answer to a click; call requestDongle() from one.',
        { cause },
      );
    }
    throw new DongleError('NOT_FOUND', 'No dongle was chosen; choose one and try again.', {
      cause,
    });
  }
  const face = vendorFace(usb, device, undefined);
  if (face === undefined) throw new DongleError('NOT_FOUND');
  return face;
}

function vendorFace(
  usb: WebUsb,
  device: WebUsbDevice,
  place: Place | undefined,
): FaceSource | undefined {
  if (device.vendorId !== usbIds.vendorId || device.productId !== usbIds.productId)
    return undefined;
  const endpoints = vendorEndpoints(device);
  if (endpoints === undefined) return undefined;
  return {
    face: 'vendor',
    // An empty string is one that could not be read.
    serial: device.serialNumber || undefined,
    product: device.productName || undefined,
    path: place?.path,
    location: place?.location,
    open: async (listener) => ({
      ...(await open(usb, device, endpoints, listener)),
      path: place?.path,
    }),
  };
}

async function open(
  usb: WebUsb,
  device: WebUsbDevice,
  endpoints: VendorEndpoints,
  listener: LinkListener,
): Promise<Link> {
  if (inUse.has(device)) {
    throw new DongleError(
      'LINK_FAILED',
      'This program uses the dongle’s vendor interface already; close that connection first.',
    );
  }
  inUse.add(device);
  try {
    await device.open();
    if (!device.configuration) await device.selectConfiguration(endpoints.configurationValue);
    await claim(device, endpoints.interfaceNumber);
    // Makes the dongle forget the packet that an earlier program may have sent by half.
    await device.clearHalt('out', endpoints.outNumber);
  } catch (cause) {
    await device.close().catch(() => {});
    inUse.delete(device);
    throw openingError(cause);
  }
  return openVendorLink(usb, device, endpoints, listener, () => inUse.delete(device));
}

async function claim(device: WebUsbDevice, interfaceNumber: number): Promise<void> {
  try {
    await device.claimInterface(interfaceNumber);
  } catch (cause) {
    const error = openingError(cause);
    // A browser says no more than that it could not.
    if (error.code !== 'LINK_FAILED') throw error;
    throw new DongleError('LINK_FAILED', claimedElsewhere, { cause });
  }
}

/** What an error of the API means. Node's have libusb's names in their messages. */
function openingError(cause: unknown): DongleError {
  if (cause instanceof DongleError) return cause;
  const name = nameOf(cause);
  const message = cause instanceof Error ? cause.message : String(cause);
  if (name === 'SecurityError' || message.includes('LIBUSB_ERROR_ACCESS')) {
    return new DongleError('PERMISSION_DENIED', undefined, { cause });
  }
  if (name === 'NotFoundError' || /LIBUSB_ERROR_(NO_DEVICE|NOT_FOUND)/.test(message)) {
    return new DongleError('DETACHED', undefined, { cause });
  }
  return new DongleError('LINK_FAILED', `${errorTable.LINK_FAILED.meaning} (${message})`, {
    cause,
  });
}

/** A page's errors are `DOMException`s, which some engines do not count among the `Error`s. */
function nameOf(cause: unknown): string | undefined {
  return (cause as { name?: string } | undefined)?.name;
}
