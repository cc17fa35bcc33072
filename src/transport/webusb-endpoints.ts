import { vendorInterface } from '../protocol/usb/index.ts';
import type { WebUsbDevice } from './webusb-api.ts';

/** What a host needs to know of a device's vendor interface, taken from its descriptors. */
export interface VendorEndpoints {
  readonly configurationValue: number;
  readonly interfaceNumber: number;
  readonly outNumber: number;
  readonly inNumber: number;
}

/** Looks the vendor interface up, first in the configuration that the device is in. */
export function vendorEndpoints(device: WebUsbDevice): VendorEndpoints | undefined {
  const { configuration, configurations } = device;
  for (const each of configuration ? [configuration, ...configurations] : configurations) {
    for (const { interfaceNumber, alternate } of each.interfaces) {
      if (
        alternate.interfaceClass !== vendorInterface.class ||
        alternate.interfaceSubclass !== vendorInterface.subclass ||
        alternate.interfaceProtocol !== vendorInterface.protocol
      ) {
        continue;
      }
      const bulk = (direction: 'in' | 'out') =>
        alternate.endpoints.find((end) => end.type === 'bulk' && end.direction === direction)
          ?.endpointNumber;
      const outNumber = bulk('out');
      const inNumber = bulk('in');
      if (outNumber === undefined || inNumber === undefined) continue;
      return {
        configurationValue: each.configurationValue,
        interfaceNumber,
        outNumber,
        inNumber,
      };
    }
  }
  return undefined;
}
