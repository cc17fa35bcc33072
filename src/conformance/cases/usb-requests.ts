import { usbFunctions } from '../../protocol/usb/index.ts';
import type { Case } from '../case.ts';
import {
  agreed,
  answered,
  clearHalt,
  getEndpointStatus,
  initAnswer,
  initPacket,
  setConfiguration,
  setInterface,
  stalled,
  stalledWithData,
} from './usb-bytes.ts';

const { hid, vendor } = usbFunctions;
const endpoints = [hid, vendor].flatMap(({ outAddress, inAddress }) => [outAddress, inAddress]);
const getStatus = { type: 0x80, request: 0, length: 2 };
const getConfiguration = { type: 0x80, request: 8, length: 1 };
const getInterface = { type: 0x81, request: 10, length: 1 };
const getReport = { type: 0xa1, request: 1, value: 0x0100, length: 64 };
const setReport = { type: 0x21, request: 9, value: 0x0200, length: 64 };
const getIdle = { type: 0xa1, request: 2, length: 1 };
const setIdle = { type: 0x21, request: 10 };

/** The requests on endpoint 0. */
export const usbRequestCases = [
  {
    name: 'get-status',
    clause: 'usb/requests',
    title: 'Device, interfaces and endpoints tell their status; there are no others.',
    steps: [
      answered(getStatus, '0000'),
      answered({ type: 0x81, request: 0, index: hid.interfaceNumber, length: 2 }, '0000'),
      answered({ type: 0x81, request: 0, index: vendor.interfaceNumber, length: 2 }, '0000'),
      stalled({ type: 0x81, request: 0, index: 2, length: 2 }),
      stalled({ type: 0x81, request: 0, index: 0x0100, length: 2 }),
      ...[0x00, 0x80, ...endpoints].map((address) => answered(getEndpointStatus(address), '0000')),
      ...[0x03, 0x83, 0x0f, 0x0101].map((address) => stalled(getEndpointStatus(address))),
    ],
  },
  {
    name: 'unknown-requests',
    clause: 'usb/requests',
    title: 'A request that the device does not know is refused, and the next good one works.',
    steps: [
      // SET_DESCRIPTOR, SYNCH_FRAME, and remote wakeup, which is no feature of the device.
      stalledWithData({ type: 0x00, request: 7, value: 0x0100, length: 18 }),
      stalled({ type: 0x82, request: 12, index: hid.inAddress, length: 2 }),
      stalled({ type: 0x00, request: 1, value: 1 }),
      stalled({ type: 0x00, request: 3, value: 1 }),
      // Features of an interface; GET_PROTOCOL and SET_PROTOCOL, as there is no boot protocol.
      stalled({ type: 0x01, request: 3 }),
      stalled({ type: 0xa1, request: 3, length: 1 }),
      stalled({ type: 0x21, request: 11, value: 1 }),
      // Requests of a vendor, and in no type that there is.
      stalled({ type: 0xc0, request: 0xff, length: 8 }),
      stalled({ type: 0x40, request: 2, index: 7 }),
      stalledWithData({ type: 0x41, request: 2, index: 1, length: 8 }),
      stalled({ type: 0xff, request: 0xff, value: 0xffff, index: 0xffff, length: 0xffff }),
      answered(getStatus, '0000'),
    ],
  },
  {
    name: 'wrong-setup-fields',
    clause: 'usb/requests',
    title: 'A request with another wValue, wIndex or wLength than it has to have is refused.',
    steps: [
      stalled({ ...getStatus, value: 1 }),
      stalled({ ...getStatus, index: 1 }),
      stalled({ ...getStatus, length: 1 }),
      stalled({ ...getStatus, length: 3 }),
      stalled({ ...getConfiguration, value: 1 }),
      stalled({ ...getConfiguration, index: 1 }),
      stalled({ ...getConfiguration, length: 2 }),
      stalled({ ...getInterface, value: 1 }),
      stalled({ ...getInterface, index: 2 }),
      stalled({ ...getInterface, length: 2 }),
      stalled({ ...setConfiguration(1), index: 1 }),
      stalledWithData({ ...setConfiguration(1), length: 1 }),
      stalledWithData({ ...setInterface(0), length: 1 }),
      stalled({ ...clearHalt(hid.outAddress), value: 1 }),
      stalledWithData({ ...clearHalt(hid.outAddress), length: 1 }),
      // The Microsoft OS 2.0 descriptor set has its own wIndex.
      stalled({ type: 0xc0, request: 2, index: 4, length: 255 }),
      stalled({ type: 0xc0, request: 2, value: 1, index: 7, length: 255 }),
      answered(getStatus, '0000'),
    ],
  },
  {
    name: 'hid-requests',
    clause: 'usb/requests',
    title: 'GET_REPORT tells nothing, reports are not repeated, and there is no other report.',
    steps: [
      answered(getReport, '00'.repeat(64)),
      answered(getIdle, '00'),
      agreed(setIdle),
      // Four milliseconds times 4.
      stalled({ ...setIdle, value: 0x0400 }),
      stalled({ ...setIdle, index: vendor.interfaceNumber }),
      stalled({ ...getReport, value: 0x0101 }),
      stalled({ ...getReport, value: 0x0300 }),
      stalled({ ...getReport, index: vendor.interfaceNumber }),
      stalledWithData({ ...setReport, value: 0x0201 }),
      stalledWithData({ ...setReport, length: 63 }),
      stalledWithData({ ...setReport, length: 65 }),
    ],
  },
  {
    name: 'set-report-is-a-packet',
    clause: 'usb/requests',
    title: 'A packet may come by SET_REPORT too; its answer goes the usual way.',
    faces: ['vendor'],
    steps: [
      { do: 'control', setup: setReport, send: { hex: initPacket(64, 7) } },
      { do: 'read', from: hid.inAddress, room: 64, data: { pattern: initAnswer(64, 7) } },
    ],
  },
] satisfies readonly Case[];

/** Configurations, settings and the bus reset: what they end and what they leave. */
export const usbConfigurationCases = [
  {
    name: 'configured-twice',
    clause: 'usb/configuration',
    title: 'SET_CONFIGURATION to the same value again ends no session and begins no attach.',
    steps: [
      { do: 'open', on: 'a' },
      { do: 'hello', on: 'a', save: { attachId: 'attach' } },
      { do: 'session', on: 'a' },
      agreed(setConfiguration(1)),
      answered(getConfiguration, '01'),
      { do: 'echo', on: 'a' },
      { do: 'open', on: 'b' },
      { do: 'hello', on: 'b', result: { attachId: { saved: 'attach' } } },
    ],
  },
  {
    name: 'configuration-0',
    clause: 'usb/configuration',
    title: 'Without a configuration there are no faces; configured again, sessions go on.',
    steps: [
      { do: 'open', on: 'a' },
      { do: 'hello', on: 'a', save: { attachId: 'attach' } },
      { do: 'session', on: 'a' },
      agreed(setConfiguration(0)),
      answered(getConfiguration, '00'),
      answered(getStatus, '0000'),
      ...endpoints.map((address) => stalled(getEndpointStatus(address))),
      stalled(getInterface),
      stalled(setInterface(vendor.interfaceNumber)),
      stalled(getReport),
      agreed(setConfiguration(1)),
      answered(getInterface, '00'),
      { do: 'echo', on: 'a' },
      { do: 'open', on: 'b' },
      { do: 'hello', on: 'b', result: { attachId: { saved: 'attach' } } },
    ],
  },
  {
    name: 'unknown-configuration',
    clause: 'usb/configuration',
    title: 'A configuration that there is not is refused, and changes nothing.',
    steps: [
      { do: 'session', on: 'a' },
      stalled(setConfiguration(2)),
      stalled(setConfiguration(0x0101)),
      answered(getConfiguration, '01'),
      { do: 'echo', on: 'a' },
    ],
  },
  {
    name: 'set-interface',
    clause: 'usb/configuration',
    title: 'Each interface has the setting 0 alone, and choosing it ends no session.',
    steps: [
      { do: 'session', on: 'a' },
      ...[hid, vendor].flatMap(({ interfaceNumber: index }) => [
        agreed(setInterface(index)),
        answered({ ...getInterface, index }, '00'),
        stalled(setInterface(index, 1)),
      ]),
      stalled(setInterface(2)),
      { do: 'echo', on: 'a' },
    ],
  },
  {
    name: 'configuring-empties-endpoints',
    clause: 'usb/configuration',
    title: 'SET_CONFIGURATION and SET_INTERFACE drop answers that nobody has read.',
    faces: ['hid'],
    steps: [
      { do: 'session', on: 'a' },
      { do: 'write', to: vendor.outAddress, data: { hex: initPacket(512, 1) } },
      agreed(setConfiguration(1)),
      { do: 'write', to: vendor.outAddress, data: { hex: initPacket(512, 2) } },
      { do: 'read', from: vendor.inAddress, room: 1024, data: { pattern: initAnswer(512, 2) } },
      { do: 'write', to: vendor.outAddress, data: { hex: initPacket(512, 3) } },
      agreed(setInterface(vendor.interfaceNumber)),
      { do: 'write', to: vendor.outAddress, data: { hex: initPacket(512, 4) } },
      { do: 'read', from: vendor.inAddress, room: 1024, data: { pattern: initAnswer(512, 4) } },
      { do: 'echo', on: 'a' },
    ],
  },
  {
    name: 'bus-reset',
    clause: 'usb/configuration',
    title:
      'A bus reset ends all channels and sessions, and the configuration after it begins an attach.',
    steps: [
      { do: 'repeat', times: 8, steps: [{ do: 'session', on: 's#' }] },
      { do: 'open', on: 'a' },
      { do: 'hello', on: 'a', save: { attachId: 'attach' } },
      { do: 'reset' },
      answered(getConfiguration, '01'),
      { do: 'name', on: 'gone', id: { saved: 's7.id' } },
      { do: 'send', on: 'gone', command: 'RECORD', payload: { bytes: 40 } },
      { do: 'refused', on: 'gone', error: 'INVALID_CHANNEL' },
      // All eight places are free again.
      { do: 'repeat', times: 8, steps: [{ do: 'session', on: 't#' }] },
      { do: 'open', on: 'a' },
      { do: 'hello', on: 'a', result: { attachId: { unlike: 'attach' } } },
    ],
  },
] satisfies readonly Case[];
