import { hidRequests } from './hid-requests.ts';
import { msOsDescriptorIndex, msOsDescriptorSet, vendorCodes } from './platform-descriptors.ts';
import { type Answer, type Rule, recipients, toHost } from './rule.ts';
import { readSetup } from './setup.ts';
import { standardRequests } from './standard-requests.ts';
import type { UsbDevice } from './usb-device.ts';

const rules: readonly Rule[] = [
  ...standardRequests,
  ...hidRequests,
  {
    type: toHost | recipients.vendorDevice,
    request: vendorCodes.msOs,
    value: 0,
    index: msOsDescriptorIndex,
    answer: () => msOsDescriptorSet,
  },
];

/** Serves a control transfer: what the device sends back, never more than asked for, or a STALL. */
export function answerRequest(
  device: UsbDevice,
  setupPacket: Uint8Array,
  data: Uint8Array,
): Answer {
  const setup = readSetup(setupPacket);
  const { type, request, value, index, length } = setup;
  const expectedBytes = (type & toHost) === 0 ? length : 0;
  if (setupPacket.length !== 8 || data.length !== expectedBytes) return undefined;
  const rule = rules.find(
    (each) =>
      each.type === type &&
      each.request === request &&
      (each.value ?? value) === value &&
      (each.index ?? index) === index &&
      (each.length ?? length) === length,
  );
  // A copy, as the port may keep it.
  return rule?.answer(device, setup, data)?.slice(0, length);
}
