import { noBytes } from '../../../bytes.ts';
import { usbFunctions } from '../../../protocol/usb/index.ts';
import type { Face } from './face.ts';
import { hidDescriptor, hidDescriptorTypes, reportDescriptor } from './hid-descriptors.ts';
import { getDescriptor, type Rule, recipients, toHost } from './rule.ts';
import type { UsbDevice } from './usb-device.ts';

/** bRequest (HID 1.11 §7.2). There is no boot interface, so no protocol to get or set. */
const requests = { getReport: 1, getIdle: 2, setReport: 9, setIdle: 10 } as const;

/** Report types for the upper byte of wValue (HID 1.11 §7.2.1). */
const inputReport = 0x0100;
const outputReport = 0x0200;

const { interfaceNumber: hidInterface, packetBytes: reportBytes } = usbFunctions.hid;

/** The requests of the HID class (HID 1.11 §7). */
export const hidRequests: readonly Rule[] = [
  {
    type: toHost | recipients.interface,
    request: getDescriptor,
    value: hidDescriptorTypes.hid << 8,
    index: hidInterface,
    answer: (device) => hidFace(device) && hidDescriptor,
  },
  {
    type: toHost | recipients.interface,
    request: getDescriptor,
    value: hidDescriptorTypes.report << 8,
    index: hidInterface,
    answer: (device) => hidFace(device) && reportDescriptor,
  },
  {
    type: toHost | recipients.classInterface,
    request: requests.getReport,
    value: inputReport,
    index: hidInterface,
    // What the device has to say goes by the interrupt endpoint alone.
    answer: (device) => hidFace(device) && new Uint8Array(reportBytes),
  },
  {
    type: recipients.classInterface,
    request: requests.setReport,
    value: outputReport,
    index: hidInterface,
    length: reportBytes,
    answer: (device, _setup, data) =>
      hidFace(device)?.receive(data, 0, data.length) === true ? noBytes : undefined,
  },
  {
    type: toHost | recipients.classInterface,
    request: requests.getIdle,
    value: 0,
    index: hidInterface,
    length: 1,
    answer: (device) => hidFace(device) && Uint8Array.of(0),
  },
  {
    type: recipients.classInterface,
    request: requests.setIdle,
    // A duration would have reports repeated, which would be packets sent twice.
    value: 0,
    index: hidInterface,
    length: 0,
    answer: (device) => hidFace(device) && noBytes,
  },
];

function hidFace(device: UsbDevice): Face | undefined {
  return device.face(hidInterface);
}
