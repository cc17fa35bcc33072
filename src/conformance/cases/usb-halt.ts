import { usbFunctions } from '../../protocol/usb/index.ts';
import type { Case } from '../case.ts';
import {
  agreed,
  answered,
  clearHalt,
  getEndpointStatus,
  initPacket,
  readInit,
  sendInit,
  sendPart,
  setConfiguration,
  setHalt,
  setInterface,
  stalled,
} from './usb-bytes.ts';

const { hid, vendor } = usbFunctions;
const endpoints = [hid, vendor].flatMap(({ outAddress, inAddress }) => [outAddress, inAddress]);

/** ENDPOINT_HALT. Transfers and a session that outlives them go by different faces. */
export const usbHaltCases = [
  {
    name: 'halt-and-clear',
    clause: 'usb/halt',
    title: 'Each endpoint can be halted and cleared by itself, and tells which it is.',
    steps: endpoints.flatMap((address) => [
      agreed(setHalt(address)),
      ...endpoints.map((each) =>
        answered(getEndpointStatus(each), each === address ? '0100' : '0000'),
      ),
      agreed(clearHalt(address)),
      answered(getEndpointStatus(address), '0000'),
      agreed(clearHalt(address)),
    ]),
  },
  {
    name: 'endpoint-0-is-never-halted',
    clause: 'usb/halt',
    title: 'Endpoint 0 cannot be halted, nor an endpoint that there is not.',
    steps: [
      stalled(setHalt(0x00)),
      stalled(setHalt(0x80)),
      answered(getEndpointStatus(0x00), '0000'),
      agreed(clearHalt(0x00)),
      ...[0x03, 0x83, 0x0101].flatMap((address) => [
        stalled(setHalt(address)),
        stalled(clearHalt(address)),
      ]),
    ],
  },
  ...(['hid', 'vendor'] as const).map(
    (face): Case => ({
      name: `session-outlives-a-halt-of-${face}`,
      clause: 'usb/halt',
      title: 'A session goes on when a halted endpoint of its face has been cleared.',
      faces: [face],
      steps: [
        { do: 'session', on: 'a' },
        agreed(setHalt(usbFunctions[face].outAddress)),
        agreed(clearHalt(usbFunctions[face].outAddress)),
        { do: 'echo', on: 'a' },
      ],
    }),
  ),
  {
    name: 'halted-endpoints-stall',
    clause: 'usb/halt',
    title: 'A halted endpoint refuses transfers, and loses nothing; cleared, it works again.',
    faces: ['hid'],
    steps: [
      { do: 'session', on: 'a' },
      agreed(setHalt(vendor.outAddress)),
      { do: 'write', to: vendor.outAddress, data: { hex: initPacket(512, 1) }, stall: true },
      { do: 'echo', on: 'a' },
      agreed(clearHalt(vendor.outAddress)),
      sendInit(2),
      agreed(setHalt(vendor.inAddress)),
      { do: 'read', from: vendor.inAddress, room: 1024, stall: true },
      { do: 'echo', on: 'a' },
      agreed(clearHalt(vendor.inAddress)),
      readInit(2),
    ],
  },
  {
    name: 'configuring-clears-a-halt',
    clause: 'usb/halt',
    title: 'SET_CONFIGURATION clears every halt, SET_INTERFACE those of its interface.',
    steps: [
      ...endpoints.map((address) => agreed(setHalt(address))),
      agreed(setInterface(vendor.interfaceNumber)),
      answered(getEndpointStatus(vendor.outAddress), '0000'),
      answered(getEndpointStatus(vendor.inAddress), '0000'),
      answered(getEndpointStatus(hid.outAddress), '0100'),
      answered(getEndpointStatus(hid.inAddress), '0100'),
      agreed(setConfiguration(1)),
      ...endpoints.map((address) => answered(getEndpointStatus(address), '0000')),
    ],
  },
  {
    name: 'clearing-a-halt-resynchronises',
    clause: 'usb/halt',
    title: 'Clearing a halt, halted or not, drops the packet of which only a part has come.',
    faces: ['hid'],
    steps: [
      sendPart(448),
      agreed(clearHalt(vendor.outAddress)),
      sendInit(1),
      readInit(1),
      sendPart(64),
      agreed(clearHalt(vendor.outAddress)),
      sendInit(2),
      readInit(2),
    ],
  },
  {
    name: 'each-direction-by-itself',
    clause: 'usb/halt',
    title: 'Clearing a halt of the IN endpoint leaves what has come by the OUT endpoint.',
    faces: ['hid'],
    speeds: ['full'],
    steps: [
      sendPart(448),
      agreed(clearHalt(vendor.inAddress)),
      { do: 'write', to: vendor.outAddress, data: { hex: '00'.repeat(64) } },
      readInit(0xdd),
    ],
  },
] satisfies readonly Case[];
