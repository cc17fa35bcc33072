import type { Case } from '../case.ts';
import { accessCases } from './access.ts';
import { aesCases } from './aes.ts';
import { aesKnownCases } from './aes-known.ts';
import { arbitrationCases } from './arbitration.ts';
import { claimCases } from './binding-claims.ts';
import { bindingEndCases } from './binding-ends.ts';
import { leaseCases } from './binding-lease.ts';
import { channelCases } from './channel.ts';
import { commandCases } from './commands.ts';
import { concurrencyCases } from './concurrency.ts';
import { eccCases } from './ecc.ts';
import { keyCases } from './keys.ts';
import { licenseUseCases } from './license-use.ts';
import { licenseCases } from './licenses.ts';
import { lockoutCases } from './lockout.ts';
import { lockoutTimeCases } from './lockout-time.ts';
import { macCases } from './mac.ts';
import { memoryCases } from './memory.ts';
import { packetCases } from './packets.ts';
import { passwordCases } from './passwords.ts';
import { recordCases } from './records.ts';
import { rsaCases } from './rsa.ts';
import { rsaKnownCases } from './rsa-known.ts';
import { seatCases } from './seats.ts';
import { sessionCases } from './sessions.ts';
import { sharingCases } from './sharing.ts';
import { streamCases } from './streams.ts';
import { timeCases } from './time.ts';
import { updateFileCases } from './update-files.ts';
import { updateCases } from './updates.ts';
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
  ...accessCases,
  ...passwordCases,
  ...memoryCases,
  ...licenseCases,
  ...licenseUseCases,
  ...seatCases,
  ...timeCases,
  ...updateCases,
  ...updateFileCases,
  ...keyCases,
  ...aesCases,
  ...aesKnownCases,
  ...streamCases,
  ...macCases,
  ...rsaCases,
  ...rsaKnownCases,
  ...eccCases,
  ...concurrencyCases,
];
