import { vendorSchema } from '../certificates/index.ts';
import { licenseName, productSchema, timeSchema, unitsSchema } from '../licenses/index.ts';
import { applicationSchema } from '../partitions.ts';
import { array, bool, bytes, field, optional, struct, text, uint } from '../schema/index.ts';
import { licenseStateSchema } from '../updates/operations.ts';
import { defineCommand, maxDataBytes } from './command.ts';

/** What a program asks a license about. */
const question = {
  ...licenseName,
  /** Features that must all be there, a bit each. */
  features: optional(3, uint({ max: 0xffff_ffff })),
  /** When the program's version was released, for the maintenance period. */
  released: optional(4, timeSchema),
} as const;

/**
 * What takes units carries a number of the caller's own choice: when it comes again, even over
 * another session, the same answer is given and nothing is taken again.
 */
const taking = {
  request: field(5, bytes({ length: 16 })),
  /** How many to take. */
  units: field(6, unitsSchema),
} as const;

const left = optional(1, unitsSchema);

/** The place of a session at a license or an application. */
const seat = uint({ max: 0xffff });

export const listLicenses = defineCommand({
  name: 'listLicenses',
  code: 0x50,
  summary: 'The licenses of the dongle, a few at a time.',
  needs: 'nothing',
  reach: 'bridge',
  request: struct({ from: field(1, uint({ max: 0xff })) }),
  response: struct({
    licenses: field(
      1,
      array(
        struct({
          ...licenseName,
          vendorName: optional(3, text({ maxBytes: 64 })),
          text: optional(4, text({ maxBytes: 128 })),
          state: field(5, licenseStateSchema),
          features: field(6, uint({ max: 0xffff_ffff })),
          unitsLeft: optional(7, unitsSchema),
          activation: optional(8, timeSchema),
          /** The first moment at which it is not valid any more, for whatever reason. */
          expiry: optional(9, timeSchema),
          quantity: optional(10, uint({ max: 0xffff })),
          seatsTaken: field(11, uint({ max: 0xffff })),
          localOnly: field(12, bool()),
          /** Whether it is for one machine alone, if only for the one that uses it first. */
          machineBound: field(13, bool()),
        }),
        { max: 8 },
      ),
    ),
    /** Where to go on; missing at the end. */
    next: optional(2, uint({ max: 0xff })),
  }),
});

export const checkLicense = defineCommand({
  name: 'checkLicense',
  code: 0x51,
  summary: 'Whether a license is valid now; takes nothing.',
  needs: 'nothing',
  reach: 'bridge',
  request: struct(question),
  response: struct({
    unitsLeft: left,
    /** The first moment at which it is not valid any more. */
    expiry: optional(2, timeSchema),
    /** Days until its checkpoint, once they are no more than its threshold. */
    renewWithinDays: optional(3, uint({ max: 0xffff })),
  }),
});

export const takeUnits = defineCommand({
  name: 'takeUnits',
  code: 0x52,
  summary: 'Takes units of a license that is valid now.',
  needs: 'nothing',
  reach: 'bridge',
  request: struct({ ...question, ...taking }),
  response: struct({ unitsLeft: left }),
});

export const licenseDecrypt = defineCommand({
  name: 'licenseDecrypt',
  code: 0x53,
  summary:
    'Takes units of a license that is valid now, and then decrypts what was encrypted for it.',
  needs: 'nothing',
  reach: 'bridge',
  request: struct({
    ...question,
    ...taking,
    /** AES-256-GCM under the license's key. */
    iv: field(7, bytes({ length: 12 })),
    data: field(8, bytes({ min: 16, max: maxDataBytes })),
    ad: optional(9, bytes({ max: maxDataBytes })),
  }),
  response: struct({ unitsLeft: left, data: field(2, bytes({ max: maxDataBytes })) }),
});

export const licenseEncrypt = defineCommand({
  name: 'licenseEncrypt',
  code: 0x54,
  summary: 'Encrypts for a license that is valid now; takes nothing. The dongle chooses the IV.',
  needs: 'nothing',
  reach: 'bridge',
  request: struct({
    ...question,
    data: field(5, bytes({ max: maxDataBytes })),
    ad: optional(6, bytes({ max: maxDataBytes })),
  }),
  response: struct({
    iv: field(1, bytes({ length: 12 })),
    data: field(2, bytes({ max: maxDataBytes })),
  }),
});

export const takeSeat = defineCommand({
  name: 'takeSeat',
  code: 0x55,
  summary: 'Takes a seat for the session: of a license, or of an application in the license table.',
  needs: 'nothing',
  reach: 'bridge',
  request: struct({
    application: optional(1, applicationSchema),
    vendor: optional(2, vendorSchema),
    product: optional(3, productSchema),
  }),
  response: struct({
    seat: field(1, seat),
    /** Missing where they are not limited. */
    seatsLeft: optional(2, uint({ max: 0xffff })),
  }),
});

export const releaseSeat = defineCommand({
  name: 'releaseSeat',
  code: 0x56,
  summary: 'Gives a seat of the session back.',
  needs: 'nothing',
  reach: 'bridge',
  request: struct({ seat: field(1, seat) }),
  response: struct({}),
});

export const readLicenseData = defineCommand({
  name: 'readLicenseData',
  code: 0x57,
  summary: 'Reads data of a license: the user’s, the protected, or with its code the hidden.',
  needs: 'nothing',
  reach: 'bridge',
  request: struct({
    ...licenseName,
    /** The access code of the hidden data. */
    code: optional(3, bytes({ length: 16 })),
  }),
  response: struct({
    userData: optional(1, bytes({ max: 256 })),
    protectedData: optional(2, bytes({ max: 128 })),
    hiddenData: optional(3, bytes({ max: 128 })),
  }),
});

export const writeUserData = defineCommand({
  name: 'writeUserData',
  code: 0x58,
  summary: 'Writes the user’s data of a license.',
  needs: 'nothing',
  reach: 'local',
  request: struct({ ...licenseName, data: field(3, bytes({ max: 256 })) }),
  response: struct({}),
});

export const listSeats = defineCommand({
  name: 'listSeats',
  code: 0x59,
  summary: 'The license table: seats of each application, and how many are taken.',
  needs: 'nothing',
  reach: 'bridge',
  request: struct({}),
  response: struct({
    rows: field(
      1,
      array(
        struct({
          application: field(1, applicationSchema),
          /** 255 for as many as like. */
          seats: field(2, uint({ max: 255 })),
          taken: field(3, uint({ max: 0xffff })),
        }),
        { max: 64 },
      ),
    ),
  }),
});
