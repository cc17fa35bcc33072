import { usbFunctions } from '../../protocol/usb/index.ts';
import type { Setup, UsbStep } from '../case.ts';

// What the cases about USB are made of. But for the ids and addresses of `protocol/usb`, numbers and
// layouts are written down a second time: nothing here comes from the code that a device runs.

const { vendor } = usbFunctions;

/** A number of two bytes, low byte first, as hexadecimal. */
export function le16(value: number): string {
  return [value & 0xff, value >> 8].map(hexByte).join('');
}

/** UTF-16, little-endian, as hexadecimal. */
export function utf16(text: string): string {
  return Array.from(text, (character) => le16(character.charCodeAt(0))).join('');
}

export function hexByte(value: number): string {
  return value.toString(16).padStart(2, '0');
}

/** INIT on the broadcast channel, as a packet in hexadecimal; `mark` is each byte of its nonce. */
export function initPacket(packetBytes: number, mark: number): string {
  return padded(packetBytes, `ffffffff860008${hexByte(mark).repeat(8)}`);
}

/** The packet that answers it, as a pattern. */
export function initAnswer(packetBytes: number, mark: number): string {
  return padded(packetBytes, `ffffffff860011${hexByte(mark).repeat(8)}........02......09`);
}

function padded(packetBytes: number, hex: string): string {
  return hex.padEnd(2 * packetBytes, '0');
}

/** GET_DESCRIPTOR of the device: type and number in `value`, and no more than `length` bytes. */
export function getDescriptor(value: number, length: number, index = 0): Setup {
  return { type: 0x80, request: 6, value, index, length };
}

/** GET_DESCRIPTOR of the HID interface. */
export function getHidDescriptor(value: number, length: number): Setup {
  return { type: 0x81, request: 6, value, index: 0, length };
}

/** GET_STATUS of an endpoint. */
export function getEndpointStatus(address: number): Setup {
  return { type: 0x82, request: 0, index: address, length: 2 };
}

/** SET_FEATURE(ENDPOINT_HALT). */
export function setHalt(address: number): Setup {
  return { type: 0x02, request: 3, index: address };
}

/** CLEAR_FEATURE(ENDPOINT_HALT). */
export function clearHalt(address: number): Setup {
  return { type: 0x02, request: 1, index: address };
}

/** SET_CONFIGURATION. */
export function setConfiguration(value: number): Setup {
  return { type: 0x00, request: 9, value };
}

/** SET_INTERFACE. */
export function setInterface(number: number, setting = 0): Setup {
  return { type: 0x01, request: 11, value: setting, index: number };
}

/** A control transfer that the device answers with these bytes; a point stands for any digit. */
export function answered(setup: Setup, pattern: string): UsbStep {
  return { do: 'control', setup, answer: { pattern } };
}

/** A control transfer that the device does. */
export function agreed(setup: Setup): UsbStep {
  return { do: 'control', setup };
}

/** A control transfer that the device refuses. */
export function stalled(setup: Setup): UsbStep {
  return { do: 'control', setup, stall: true };
}

/** One that sends data, which the device refuses. */
export function stalledWithData(setup: Setup): UsbStep {
  return { do: 'control', setup, send: { bytes: setup.length ?? 0 }, stall: true };
}

/** Sends INIT by the vendor face, in a transfer of its own. */
export function sendInit(mark: number): UsbStep {
  return { do: 'write', to: vendor.outAddress, data: { hex: initPacket(512, mark) } };
}

/** Sends the beginning of a packet that does not come to its end. */
export function sendPart(bytes: number): UsbStep {
  const hex = initPacket(512, 0xdd);
  return { do: 'write', to: vendor.outAddress, data: { hex }, cut: 512 - bytes };
}

/** Reads the answer to INIT as the whole of one transfer. */
export function readInit(mark: number): UsbStep {
  const pattern = initAnswer(512, mark);
  return { do: 'read', from: vendor.inAddress, room: 1024, data: { pattern } };
}
