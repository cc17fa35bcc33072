import type { Setup } from './setup.ts';
import type { UsbDevice } from './usb-device.ts';

/** What goes back to the host, nothing where there is nothing to say, or undefined for STALL. */
export type Answer = Uint8Array | undefined;

/**
 * A request that the device serves. Any other is answered with STALL, and so is one whose fields
 * are not as given here, also where USB 2.0 §9.4 leaves it to the device what to do.
 */
export interface Rule {
  /** bmRequestType: one of `recipients`, with `toHost` where the device sends. */
  readonly type: number;
  /** bRequest. */
  readonly request: number;
  /** What wValue, wIndex and wLength have to be; `answer` judges those that are not given. */
  readonly value?: number;
  readonly index?: number;
  readonly length?: number;
  /** Its answer, of which the host gets no more than it asked for. */
  answer(device: UsbDevice, setup: Setup, data: Uint8Array): Answer;
}

/** Bit of bmRequestType that says that data goes to the host. */
export const toHost = 0x80;

/** Type and recipient, as bmRequestType has them (USB 2.0 table 9-2). */
export const recipients = {
  device: 0x00,
  interface: 0x01,
  endpoint: 0x02,
  classInterface: 0x21,
  vendorDevice: 0x40,
} as const;

/** bRequest of GET_DESCRIPTOR, which the device and the HID interface serve. */
export const getDescriptor = 6;
