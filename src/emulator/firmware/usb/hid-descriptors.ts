import { concatBytes } from '../../../bytes.ts';
import { hidUsage, usbFunctions } from '../../../protocol/usb/index.ts';
import { descriptor } from './structure.ts';

/** Descriptor types of the HID class (HID 1.11 §7.1). */
export const hidDescriptorTypes = { hid: 0x21, report: 0x22 } as const;

/** Prefixes of short items without their sizes (HID 1.11 §6.2.2.4, §6.2.2.7, §6.2.2.8). */
const items = {
  input: 0x80,
  output: 0x90,
  collection: 0xa0,
  endCollection: 0xc0,
  usagePage: 0x04,
  logicalMinimum: 0x14,
  logicalMaximum: 0x24,
  reportSize: 0x74,
  reportCount: 0x94,
  usage: 0x08,
} as const;

/** A variable of absolute values. */
const variable = 0x02;
const application = 0x01;
const { packetBytes } = usbFunctions.hid;

/** One report of 64 bytes each way, without a report id. */
const reportItems: readonly (readonly [item: keyof typeof items, data?: number, bytes?: 1 | 2])[] =
  [
    ['usagePage', hidUsage.page, 2],
    ['usage', hidUsage.usage, 1],
    ['collection', application, 1],
    ['logicalMinimum', 0, 1],
    // Two bytes, as one would be read as -1.
    ['logicalMaximum', 0xff, 2],
    ['reportSize', 8, 1],
    ['reportCount', packetBytes, 1],
    ['usage', 0x20, 1],
    ['input', variable, 1],
    ['usage', 0x21, 1],
    ['output', variable, 1],
    ['endCollection'],
  ];

/** Describes the reports of the HID face. */
export const reportDescriptor = concatBytes(
  ...reportItems.map(([item, data = 0, bytes = 0]) =>
    Uint8Array.of(items[item] | bytes, data, data >> 8).subarray(0, 1 + bytes),
  ),
);

/** The HID class's own descriptor of its interface (HID 1.11 §6.2.1). */
export const hidDescriptor = descriptor(hidDescriptorTypes.hid, {
  bcdHID: 0x0111,
  bCountryCode: 0,
  bNumDescriptors: 1,
  bReportDescriptorType: hidDescriptorTypes.report,
  wDescriptorLength: reportDescriptor.length,
});
