import { concatBytes } from '../../../bytes.ts';
import type { FaceName } from '../../../link.ts';
import { usbFunctions, usbIds, vendorInterface } from '../../../protocol/usb/index.ts';
import type { UsbSpeed } from '../../board/usb-controller.ts';
import { hidDescriptor } from './hid-descriptors.ts';
import { bosDescriptor } from './platform-descriptors.ts';
import { descriptor, descriptorTypes, structure, utf16 } from './structure.ts';

/** What tells one device from another of its kind. */
export interface DeviceIdentity {
  /** 1 to 32 printable ASCII characters. */
  readonly serial: string;
  /** Major, minor, build. */
  readonly version: readonly [number, number, number];
}

/** Finds the descriptor of a type (upper byte of `value`) and index; `index` is the language. */
export type FindDescriptor = (
  value: number,
  index: number,
  speed: UsbSpeed,
) => Uint8Array | undefined;

/** The value of the only configuration. */
export const configurationValue = 1;

/** Size of the USB packets on a face's endpoints, in bytes. */
export const usbPacketBytes = {
  hid: { full: 64, high: 64 },
  vendor: { full: 64, high: 512 },
} as const satisfies Record<FaceName, Record<UsbSpeed, number>>;

/** Transfer types of endpoints, for bmAttributes. */
const bulk = 2;
const interrupt = 3;

/** Binary coded decimals, as versions are given: 2.10 is 0x0210. */
const usbVersion = 0x0210;
const controlPacketBytes = 64;
const englishUs = 0x0409;

/** The interface of each face; the HID face speaks no boot protocol, so its subclass is 0. */
const interfaces = {
  hid: {
    class: 0x03,
    subclass: 0,
    protocol: 0,
    extra: [hidDescriptor],
    transfer: interrupt,
    // Every millisecond at full speed, every 125 µs at high speed.
    interval: 1,
  },
  vendor: { ...vendorInterface, extra: [], transfer: bulk, interval: 0 },
} as const satisfies Record<FaceName, object>;

/** All descriptors of the device that hosts ask the device itself for. */
export function describeDevice(identity: DeviceIdentity): FindDescriptor {
  // The index of a string is its place here; 0 stands for no string and tells the languages.
  const strings = ['', 'latchkey', 'latchkey dongle', identity.serial];
  const stringDescriptors = strings.map((text, index) =>
    descriptor(
      descriptorTypes.string,
      {},
      index === 0 ? structure({ wLANGID: englishUs }) : utf16(text),
    ),
  );
  const [major, minor, build] = identity.version;
  const device = descriptor(descriptorTypes.device, {
    bcdUSB: usbVersion,
    // Each interface has a class of its own.
    bDeviceClass: 0,
    bDeviceSubClass: 0,
    bDeviceProtocol: 0,
    bMaxPacketSize0: controlPacketBytes,
    idVendor: usbIds.vendorId,
    idProduct: usbIds.productId,
    bcdDevice: (binaryCodedDecimal(major) << 8) | (minor << 4) | build,
    iManufacturer: 1,
    iProduct: 2,
    iSerialNumber: 3,
    bNumConfigurations: 1,
  });
  const bySpeed = { full: descriptorsAt('full', device), high: descriptorsAt('high', device) };

  return (value, index, speed) => {
    if (value >> 8 === descriptorTypes.string) {
      const number = value & 0xff;
      // A host that asks for the languages does not know one yet.
      return number === 0 || index === englishUs ? stringDescriptors[number] : undefined;
    }
    return index === 0 ? bySpeed[speed].get(value) : undefined;
  };
}

/** Descriptors by the wValue that asks for them: the type above the index, which is 0. */
function descriptorsAt(speed: UsbSpeed, device: Uint8Array): ReadonlyMap<number, Uint8Array> {
  const otherSpeed = speed === 'full' ? 'high' : 'full';
  const { configuration, deviceQualifier, otherSpeedConfiguration, bos } = descriptorTypes;
  return new Map([
    [descriptorTypes.device << 8, device],
    [configuration << 8, configurationAt(speed, configuration)],
    [deviceQualifier << 8, qualifier],
    [otherSpeedConfiguration << 8, configurationAt(otherSpeed, otherSpeedConfiguration)],
    [bos << 8, bosDescriptor],
  ]);
}

/** What the device descriptor would say at the other speed: the same (USB 2.0 §9.6.2). */
const qualifier = descriptor(descriptorTypes.deviceQualifier, {
  bcdUSB: usbVersion,
  bDeviceClass: 0,
  bDeviceSubClass: 0,
  bDeviceProtocol: 0,
  bMaxPacketSize0: controlPacketBytes,
  bNumConfigurations: 1,
  bReserved: 0,
});

/** The configuration with all that belongs to it (USB 2.0 §9.6.3). */
function configurationAt(speed: UsbSpeed, bDescriptorType: number): Uint8Array {
  const faces = Object.keys(interfaces) as FaceName[];
  const content = concatBytes(...faces.map((face) => interfaceAt(face, speed)));
  const bLength = 9;
  return structure(
    {
      bLength,
      bDescriptorType,
      wTotalLength: bLength + content.length,
      bNumInterfaces: faces.length,
      bConfigurationValue: configurationValue,
      iConfiguration: 0,
      // Bit 7 is always set. Powered by the bus, no remote wakeup.
      bmAttributes: 0x80,
      // 100 mA in units of 2 mA.
      bMaxPower: 50,
    },
    content,
  );
}

function interfaceAt(face: FaceName, speed: UsbSpeed): Uint8Array {
  const { interfaceNumber, inAddress, outAddress } = usbFunctions[face];
  const { extra, transfer, interval, ...codes } = interfaces[face];
  const addresses = [inAddress, outAddress];
  return concatBytes(
    descriptor(descriptorTypes.interface, {
      bInterfaceNumber: interfaceNumber,
      bAlternateSetting: 0,
      bNumEndpoints: addresses.length,
      bInterfaceClass: codes.class,
      bInterfaceSubClass: codes.subclass,
      bInterfaceProtocol: codes.protocol,
      iInterface: 0,
    }),
    ...extra,
    ...addresses.map((bEndpointAddress) =>
      descriptor(descriptorTypes.endpoint, {
        bEndpointAddress,
        bmAttributes: transfer,
        wMaxPacketSize: usbPacketBytes[face][speed],
        bInterval: interval,
      }),
    ),
  );
}

function binaryCodedDecimal(number: number): number {
  return (Math.floor(number / 10) << 4) | (number % 10);
}
