import type { FaceName } from '../../link.ts';

// What a host's drivers match on. Both ends import it: the firmware's descriptors are made of it,
// and discovery looks for it.

/**
 * Vendor and product id on the bus. This product id is one that pid.codes keeps for tests; a vendor
 * of dongles puts its own pair in.
 */
export const usbIds = { vendorId: 0x1209, productId: 0x0001 } as const;

/** Usage of the HID face's one collection: vendor-defined, as browsers block FIDO's page. */
export const hidUsage = { page: 0xff00, usage: 0x01 } as const;

/** Class, subclass and protocol of the vendor face's interface. */
export const vendorInterface = { class: 0xff, subclass: 0x4c, protocol: 0x01 } as const;

/** A USB function of the dongle on the bus. */
interface UsbFunction {
  readonly interfaceNumber: number;
  /** Endpoint addresses: number, and 0x80 for those that go in to the host. */
  readonly outAddress: number;
  readonly inAddress: number;
  /** Size of the packet layer's packets, in bytes, whatever the bus speed cuts them into. */
  readonly packetBytes: number;
}

/** The functions of the composite device. */
export const usbFunctions = {
  hid: { interfaceNumber: 0, outAddress: 0x01, inAddress: 0x81, packetBytes: 64 },
  vendor: { interfaceNumber: 1, outAddress: 0x02, inAddress: 0x82, packetBytes: 512 },
} as const satisfies Record<FaceName, UsbFunction>;
