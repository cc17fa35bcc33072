import type { InEndpoint } from '../../../src/emulator/board/endpoints.ts';
import type { UsbController, UsbSpeed } from '../../../src/emulator/board/usb-controller.ts';

/** The eight bytes of a setup packet (USB 2.0 table 9-2). */
export function setup(
  type: number,
  request: number,
  value: number,
  index: number,
  length: number,
): Uint8Array {
  const bytes = new Uint8Array(8);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, type);
  view.setUint8(1, request);
  view.setUint16(2, value, true);
  view.setUint16(4, index, true);
  view.setUint16(6, length, true);
  return bytes;
}

/** The states of USB 2.0 §9.1 in which a device serves requests. */
export const usbStates = ['default', 'address', 'configured'] as const;

/** Brings a device into a state, beginning with a bus reset. */
export function bringTo(
  usb: UsbController,
  state: (typeof usbStates)[number],
  speed: UsbSpeed = 'high',
): void {
  usb.reset(speed);
  if (state === 'default') return;
  usb.control(setup(0x00, 5, 17, 0, 0));
  if (state === 'configured') configure(usb, 1);
}

/** SET_CONFIGURATION. */
export function configure(usb: UsbController, value: number): void {
  if (usb.control(setup(0x00, 9, value, 0, 0)) === undefined) throw new Error('STALL');
}

/** GET_DESCRIPTOR of the device: everything that it says, or undefined for STALL. */
export function readDescriptor(
  usb: UsbController,
  type: number,
  number = 0,
  language = 0,
): Uint8Array | undefined {
  return usb.control(setup(0x80, 6, (type << 8) | number, language, 0xffff));
}

/** Everything that waits in an IN endpoint, one entry a USB packet or transfer. */
export function drain(input: InEndpoint | undefined, limit = 64): Uint8Array[] {
  const read: Uint8Array[] = [];
  while (
    input?.read(limit, (bytes, start, end) => {
      read.push(bytes.slice(start, end));
    }) === 'ack'
  ) {}
  return read;
}
