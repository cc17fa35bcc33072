import { hidUsage, usbFunctions, usbIds, vendorInterface } from '../../protocol/usb/index.ts';
import type { Case } from '../case.ts';
import {
  answered,
  getDescriptor,
  getHidDescriptor,
  hexByte,
  le16,
  stalled,
  utf16,
} from './usb-bytes.ts';

const english = 0x0409;
const all = 0xffff;

/** Two endpoints of a face: transfer type, packet size at this speed, and interval. */
function endpoints(face: keyof typeof usbFunctions, type: string, size: number, interval: string) {
  const { inAddress, outAddress } = usbFunctions[face];
  return [inAddress, outAddress]
    .map((address) => `0705 ${hexByte(address)} ${type} ${le16(size)} ${interval}`)
    .join('');
}

const { hid, vendor } = usbFunctions;
const vendorCodes = [vendorInterface.class, vendorInterface.subclass, vendorInterface.protocol];
const hidDescriptor = '09 21 1101 00 01 22 1900';

/** The configuration with all that belongs to it, as a descriptor of this type. */
function configuration(type: string, bulkBytes: number): string {
  return `
    09 ${type} 4000 02 01 .. 80 ..
    09 04 ${hexByte(hid.interfaceNumber)} 00 02 03 00 00 ..
    ${hidDescriptor}
    ${endpoints('hid', '03', 64, '01')}
    09 04 ${hexByte(vendor.interfaceNumber)} 00 02 ${vendorCodes.map(hexByte).join('')} ..
    ${endpoints('vendor', '02', bulkBytes, '00')}
  `.replaceAll(/\s/g, '');
}

const deviceDescriptor = `12 01 1002 00 00 00 40 ${le16(usbIds.vendorId)} ${le16(usbIds.productId)} .... 01 02 03 01`;
const qualifier = '0a 06 1002 00 00 00 40 01 00';

const reportDescriptor = `
  06 ${le16(hidUsage.page)} 09 ${hexByte(hidUsage.usage)} a1 01
  15 00 26 ff00 75 08 95 40
  09 20 81 02
  09 21 91 02
  c0`.replaceAll(/\s/g, '');

const guids = utf16('DeviceInterfaceGUIDs\0');
const guidText = `${utf16('{')}${'....'.repeat(36)}${utf16('}\0\0')}`;
/** The Microsoft OS 2.0 descriptor set, from its innermost part outwards. */
const registryProperty = `8400 0400 0700 2a00 ${guids} 5000 ${guidText}`;
const compatibleId = `1400 0300 57494e555342 ${'00'.repeat(10)}`;
const msOsSet = `
  0a00 0000 00000306 b200
  0800 0100 00 00 a800
  0800 0200 ${hexByte(vendor.interfaceNumber)} 00 a000
  ${compatibleId}
  ${registryProperty}`.replaceAll(/\s/g, '');

const webUsbCapability = '18 10 05 00 38b60834a909a0478bfda0768815b665 0001 01 00';
const msOsCapability = '1c 10 05 00 df60ddd88945c74c9cd2659d9e648a9f 00000306 b200 02 00';
const bos = `05 0f 3900 02 ${webUsbCapability} ${msOsCapability}`;

const getMsOsSet = (length: number) => ({ type: 0xc0, request: 2, index: 7, length });

/** What the device says of itself. */
export const usbDescriptorCases = [
  {
    name: 'device-descriptor',
    clause: 'usb/descriptors',
    title:
      'The device descriptor tells vendor, product, and that interfaces have their own classes.',
    steps: [answered(getDescriptor(0x0100, 18), deviceDescriptor)],
  },
  {
    name: 'configuration-at-full-speed',
    clause: 'usb/descriptors',
    title: 'At full speed, bulk packets have 64 bytes, and would have 512 at the other speed.',
    speeds: ['full'],
    steps: [
      answered(getDescriptor(0x0200, all), configuration('02', 64)),
      answered(getDescriptor(0x0600, all), qualifier),
      answered(getDescriptor(0x0700, all), configuration('07', 512)),
    ],
  },
  {
    name: 'configuration-at-high-speed',
    clause: 'usb/descriptors',
    title: 'At high speed, bulk packets have 512 bytes, and would have 64 at the other speed.',
    speeds: ['high'],
    steps: [
      answered(getDescriptor(0x0200, all), configuration('02', 512)),
      answered(getDescriptor(0x0600, all), qualifier),
      answered(getDescriptor(0x0700, all), configuration('07', 64)),
    ],
  },
  {
    name: 'strings',
    clause: 'usb/descriptors',
    title: 'There are three strings in one language; the last is the serial that HELLO tells.',
    steps: [
      { do: 'open', on: 'a' },
      { do: 'hello', on: 'a', save: { serial: 'serial' } },
      answered(getDescriptor(0x0300, all), '04 03 0904'),
      answered(getDescriptor(0x0301, 2, english), '.. 03'),
      answered(getDescriptor(0x0302, 2, english), '.. 03'),
      { do: 'control', setup: getDescriptor(0x0303, all, english), answer: { text: 'serial' } },
      stalled(getDescriptor(0x0304, all, english)),
      stalled(getDescriptor(0x03ee, all, english)),
      stalled(getDescriptor(0x0303, all, 0)),
      stalled(getDescriptor(0x0303, all, 0x0407)),
    ],
  },
  {
    name: 'report-descriptor',
    clause: 'usb/descriptors',
    title: 'The HID interface describes one report of 64 bytes each way, on a vendor page.',
    steps: [
      answered(getHidDescriptor(0x2100, all), hidDescriptor),
      answered(getHidDescriptor(0x2200, all), reportDescriptor),
    ],
  },
  {
    name: 'platform-capabilities',
    clause: 'usb/descriptors',
    title: 'The BOS announces WebUSB without a landing page, and WinUSB for the vendor interface.',
    steps: [
      answered(getDescriptor(0x0f00, all), bos),
      answered(getMsOsSet(all), msOsSet),
      // GET_URL.
      stalled({ type: 0xc0, request: 1, value: 0, index: 2, length: 255 }),
      stalled({ type: 0xc0, request: 1, value: 1, index: 2, length: 255 }),
    ],
  },
  {
    name: 'descriptors-are-cut',
    clause: 'usb/descriptors',
    title: 'Of every descriptor a host gets as many bytes as it asks for.',
    steps: [
      answered(getDescriptor(0x0100, 0), ''),
      answered(getDescriptor(0x0100, 8), '12 01 1002 00 00 00 40'),
      answered(getDescriptor(0x0100, all), deviceDescriptor),
      answered(getDescriptor(0x0200, 9), '09 02 4000 02 01 .. 80 ..'),
      answered(getDescriptor(0x0700, 4), '09 07 4000'),
      answered(getDescriptor(0x0300, 1), '04'),
      answered(getDescriptor(0x0f00, 5), '05 0f 3900 02'),
      answered(getHidDescriptor(0x2200, 3), `06 ${le16(hidUsage.page)}`),
      answered(getMsOsSet(10), '0a00 0000 00000306 b200'),
    ],
  },
  {
    name: 'unknown-descriptors',
    clause: 'usb/descriptors',
    title: 'A descriptor that there is not is refused, and so is another number of one.',
    steps: [
      // Interface, endpoint, interface power, OTG, debug, device capability; HID ones of the device.
      ...[0x0000, 0x0400, 0x0500, 0x0800, 0x0900, 0x0a00, 0x1000, 0x2100, 0x2200, 0xff00].map(
        (value) => stalled(getDescriptor(value, all)),
      ),
      ...[0x0101, 0x0201, 0x0601, 0x0701, 0x0f01].map((value) =>
        stalled(getDescriptor(value, all)),
      ),
      ...[0x0100, 0x0200, 0x0f00].map((value) => stalled(getDescriptor(value, all, 1))),
      ...[0x0100, 0x2101, 0x2201, 0x2300].map((value) => stalled(getHidDescriptor(value, all))),
      stalled({ ...getHidDescriptor(0x2200, all), index: vendor.interfaceNumber }),
      answered(getDescriptor(0x0100, 18), deviceDescriptor),
    ],
  },
] satisfies readonly Case[];
