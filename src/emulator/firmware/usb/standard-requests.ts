import { noBytes } from '../../../bytes.ts';
import type { InEndpoint, OutEndpoint } from '../../board/endpoints.ts';
import { configurationValue } from './descriptors.ts';
import { getDescriptor, type Rule, recipients, toHost } from './rule.ts';
import type { UsbDevice } from './usb-device.ts';

/** bRequest (USB 2.0 table 9-4). Descriptors cannot be set, and no endpoint has frames to synch. */
const requests = {
  getStatus: 0,
  clearFeature: 1,
  setFeature: 3,
  setAddress: 5,
  getConfiguration: 8,
  setConfiguration: 9,
  getInterface: 10,
  setInterface: 11,
} as const;

/** Feature selectors (USB 2.0 table 9-6). Remote wakeup is no feature of this device. */
const endpointHalt = 0;
const testMode = 2;

const largestAddress = 127;

/** The standard requests (USB 2.0 §9.4). */
export const standardRequests: readonly Rule[] = [
  {
    type: toHost | recipients.device,
    request: requests.getStatus,
    value: 0,
    index: 0,
    length: 2,
    // Powered by the bus, and no remote wakeup.
    answer: () => Uint8Array.of(0, 0),
  },
  {
    type: toHost | recipients.interface,
    request: requests.getStatus,
    value: 0,
    length: 2,
    answer: (device, { index }) => device.face(index) && Uint8Array.of(0, 0),
  },
  {
    type: toHost | recipients.endpoint,
    request: requests.getStatus,
    value: 0,
    length: 2,
    answer: (device, { index }) => {
      if (isControlEndpoint(index)) return Uint8Array.of(0, 0);
      const endpoint = endpointOf(device, index);
      return endpoint && Uint8Array.of(endpoint.halted ? 1 : 0, 0);
    },
  },
  {
    type: recipients.endpoint,
    request: requests.clearFeature,
    value: endpointHalt,
    length: 0,
    answer: (device, { index }) => {
      if (isControlEndpoint(index)) return noBytes;
      const face = device.faceOfEndpoint(index);
      face?.clearHalt(index);
      return face && noBytes;
    },
  },
  {
    type: recipients.endpoint,
    request: requests.setFeature,
    value: endpointHalt,
    length: 0,
    // Endpoint 0 cannot be halted, as nothing could free it again.
    answer: (device, { index }) => {
      const endpoint = endpointOf(device, index);
      endpoint?.halt(true);
      return endpoint && noBytes;
    },
  },
  {
    type: recipients.device,
    request: requests.setFeature,
    value: testMode,
    length: 0,
    answer: (device, { index }) => {
      // Test_J, Test_K, Test_SE0_NAK, Test_Packet; the fifth is for hubs (USB 2.0 table 9-7).
      const selector = index >> 8;
      const known = selector >= 1 && selector <= 4 && (index & 0xff) === 0;
      if (!known || device.speed !== 'high') return undefined;
      device.enterTest();
      return noBytes;
    },
  },
  {
    type: recipients.device,
    request: requests.setAddress,
    index: 0,
    length: 0,
    answer: (device, { value }) =>
      value <= largestAddress && device.state !== 'configured' ? noBytes : undefined,
  },
  {
    type: toHost | recipients.device,
    request: getDescriptor,
    answer: (device, { value, index }) => device.findDescriptor(value, index, device.speed),
  },
  {
    type: toHost | recipients.device,
    request: requests.getConfiguration,
    value: 0,
    index: 0,
    length: 1,
    answer: ({ state }) => Uint8Array.of(state === 'configured' ? configurationValue : 0),
  },
  {
    type: recipients.device,
    request: requests.setConfiguration,
    index: 0,
    length: 0,
    answer: (device, { value }) => (device.configure(value) ? noBytes : undefined),
  },
  {
    type: toHost | recipients.interface,
    request: requests.getInterface,
    value: 0,
    length: 1,
    answer: (device, { index }) => device.face(index) && Uint8Array.of(0),
  },
  {
    type: recipients.interface,
    request: requests.setInterface,
    value: 0,
    length: 0,
    answer: (device, { index }) => {
      const face = device.face(index);
      if (face !== undefined) device.restart(face);
      return face && noBytes;
    },
  },
];

/** Endpoint 0; it goes both ways, so that the direction bit does not matter. */
function isControlEndpoint(address: number): boolean {
  return (address & ~toHost) === 0;
}

function endpointOf(device: UsbDevice, address: number): InEndpoint | OutEndpoint | undefined {
  return device.faceOfEndpoint(address)?.endpoint(address);
}
