import type { Case } from '../case.ts';
import { aesCases } from './aes.ts';
import { arbitrationCases } from './arbitration.ts';
import { claimCases } from './binding-claims.ts';
import { bindingEndCases } from './binding-ends.ts';
import { leaseCases } from './binding-lease.ts';
import { channelCases } from './channel.ts';
import { commandCases } from './commands.ts';
import { concurrencyCases } from './concurrency.ts';
import { lockoutCases } from './lockout.ts';
import { lockoutTimeCases } from './lockout-time.ts';
import { packetCases } from './packets.ts';
import { recordCases } from './records.ts';
import { rsaCases } from './rsa.ts';
import { sessionCases } from './sessions.ts';
import { sharingCases } from './sharing.ts';
import { usbDescriptorCases } from './usb-descriptors.ts';
import { usbHaltCases } from './usb-halt.ts';
import { usbConfigurationCases, usbRequestCases } from './usb-requests.ts';
import { usbTransferCases } from './usb-transfers.ts';

/** All cases, from the lowest layer up. */
export const cases: readonly Case[] = [
  ...usbDescriptorCases,
  ...usbRequestCases,
  ...usbConfigurationCases,
  ...usbHaltCases,
  ...usbTransferCases,
  ...packetCases,
  ...arbitrationCases,
  ...channelCases,
  ...sessionCases,
  ...recordCases,
  ...claimCases,
  ...leaseCases,
  ...bindingEndCases,
  ...lockoutCases,
  ...lockoutTimeCases,
  ...sharingCases,
  ...commandCases,
  ...aesCases,
  ...rsaCases,
  ...concurrencyCases,
];
