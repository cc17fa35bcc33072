import { DongleError } from '../../../errors.ts';
import type { InterfaceRecord, ListedDevice } from '../../../protocol/usbip/index.ts';
import type { UsbController } from '../../board/usb-controller.ts';

/** Descriptor types (USB 2.0 table 9-5) and lengths. */
const deviceType = 1;
const configurationType = 2;
const interfaceType = 4;
const deviceBytes = 18;
const configurationBytes = 9;
const interfaceBytes = 9;

/** Where a device is on the bus that the server makes up. */
export interface BusPlace {
  readonly path: string;
  readonly busId: string;
  readonly busNumber: number;
  readonly deviceNumber: number;
  readonly speed: number;
}

/**
 * Reads a device's descriptors and lists it as they say. The device must have power.
 *
 * @throws DongleError `DEVICE_FAULT` where it has none that can be read
 */
export function describe(usb: UsbController, place: BusPlace): ListedDevice {
  const device = readDescriptor(usb, deviceType, deviceBytes, deviceBytes);
  const total = readDescriptor(usb, configurationType, configurationBytes, configurationBytes);
  const configuration = readDescriptor(
    usb,
    configurationType,
    total.getUint16(2, true),
    configurationBytes,
  );
  const interfaces = interfacesOf(configuration);
  return {
    record: {
      ...place,
      vendorId: device.getUint16(8, true),
      productId: device.getUint16(10, true),
      deviceVersion: device.getUint16(12, true),
      deviceClass: device.getUint8(4),
      deviceSubclass: device.getUint8(5),
      deviceProtocol: device.getUint8(6),
      configurationValue: configuration.getUint8(5),
      configurationCount: device.getUint8(17),
      interfaceCount: interfaces.length,
    },
    interfaces,
  };
}

/** GET_DESCRIPTOR (USB 2.0 §9.4.3). */
function readDescriptor(
  usb: UsbController,
  type: number,
  length: number,
  atLeast: number,
): DataView {
  const setup = Uint8Array.of(0x80, 0x06, 0, type, 0, 0, length & 0xff, length >> 8);
  const bytes = usb.control(setup);
  if (bytes === undefined || bytes.length < atLeast || bytes[1] !== type) {
    throw new DongleError('DEVICE_FAULT', 'The dongle does not give its USB descriptors.');
  }
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The interfaces of a configuration, each in its first setting. */
function interfacesOf(configuration: DataView): InterfaceRecord[] {
  const interfaces: InterfaceRecord[] = [];
  for (let at = 0; at + interfaceBytes <= configuration.byteLength; ) {
    const length = configuration.getUint8(at);
    if (length === 0) break;
    const isInterface =
      configuration.getUint8(at + 1) === interfaceType && length >= interfaceBytes;
    if (isInterface && configuration.getUint8(at + 3) === 0) {
      interfaces.push({
        class: configuration.getUint8(at + 5),
        subclass: configuration.getUint8(at + 6),
        protocol: configuration.getUint8(at + 7),
        unused: undefined,
      });
    }
    at += length;
  }
  return interfaces;
}
