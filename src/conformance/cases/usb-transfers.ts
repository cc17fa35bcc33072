import { usbFunctions } from '../../protocol/usb/index.ts';
import type { Case, UsbStep } from '../case.ts';
import { initAnswer, initPacket, readInit, sendInit, sendPart } from './usb-bytes.ts';

const { hid, vendor } = usbFunctions;
const emptyPacket: UsbStep = { do: 'write', to: vendor.outAddress };

/** Where transfers end. Those of a face, and the links of that face, keep out of each other's way. */
export const usbTransferCases = [
  {
    name: 'message-ends-its-transfer',
    clause: 'usb/transfers',
    title: 'Each message of the vendor face ends its transfer, by an empty packet.',
    faces: ['hid'],
    steps: [
      sendInit(1),
      sendInit(2),
      readInit(1),
      readInit(2),
      // A transfer without room for the empty packet leaves it to the next one.
      sendInit(3),
      {
        do: 'read',
        from: vendor.inAddress,
        room: 512,
        data: { pattern: initAnswer(512, 3) },
      },
      { do: 'read', from: vendor.inAddress, room: 512, data: { bytes: 0 } },
    ],
  },
  {
    name: 'messages-in-one-transfer',
    clause: 'usb/transfers',
    title: 'A transfer to the vendor face may carry several packets, and be ended or not.',
    faces: ['hid'],
    steps: [
      {
        do: 'write',
        to: vendor.outAddress,
        data: { hex: initPacket(512, 1) + initPacket(512, 2) },
      },
      emptyPacket,
      sendInit(3),
      readInit(1),
      readInit(2),
      readInit(3),
    ],
  },
  {
    name: 'short-packet-drops-a-part',
    clause: 'usb/transfers',
    title: 'A short or empty USB packet drops the packet cut short; the next one is good.',
    faces: ['hid'],
    steps: [
      { do: 'session', on: 'a' },
      // A short one ends these at either speed.
      ...[1, 100, 511].flatMap((bytes) => [sendPart(bytes), sendInit(bytes & 0x7f)]),
      ...[1, 100, 511].map((bytes) => readInit(bytes & 0x7f)),
      // At full speed an empty one is needed.
      ...[64, 448].flatMap((bytes) => [
        sendPart(bytes),
        emptyPacket,
        sendInit(bytes >> 6),
        readInit(bytes >> 6),
      ]),
      { do: 'echo', on: 'a' },
    ],
  },
  {
    name: 'more-than-a-packet',
    clause: 'usb/transfers',
    title: 'What stands behind a whole packet and is none itself is dropped.',
    faces: ['hid'],
    steps: [
      {
        do: 'write',
        to: vendor.outAddress,
        data: { hex: initPacket(512, 1) },
        append: 100,
      },
      sendInit(2),
      readInit(1),
      readInit(2),
    ],
  },
  {
    name: 'cut-short-message',
    clause: 'usb/transfers',
    title: 'A message whose packet was cut short is followed by a good one.',
    faces: ['vendor'],
    steps: [
      { do: 'session', on: 'a' },
      { do: 'open', on: 'b' },
      sendPart(100),
      { do: 'send', on: 'b', command: 'PING', payload: { bytes: 2000 } },
      { do: 'expect', on: 'b', command: 'PING', payload: { bytes: 2000 } },
      { do: 'echo', on: 'a' },
    ],
  },
  {
    name: 'reports',
    clause: 'usb/transfers',
    title: 'Each report of the HID face is a transfer; one of another size is ignored.',
    faces: ['vendor'],
    steps: [
      { do: 'write', to: hid.outAddress, data: { hex: initPacket(64, 1) }, cut: 1 },
      { do: 'write', to: hid.outAddress },
      ...[2, 3].map(
        (mark): UsbStep => ({
          do: 'write',
          to: hid.outAddress,
          data: { hex: initPacket(64, mark) },
        }),
      ),
      // Room for more, and yet nothing follows: an empty packet would be a report of its own.
      ...[2, 3].map(
        (mark): UsbStep => ({
          do: 'read',
          from: hid.inAddress,
          room: 64,
          data: { pattern: initAnswer(64, mark) },
        }),
      ),
    ],
  },
] satisfies readonly Case[];
