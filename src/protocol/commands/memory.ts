import { vendorSchema } from '../certificates/index.ts';
import {
  applicationSchema,
  areaSchema,
  areaSizesSchema,
  passwordSchema,
  passwordTries,
  roleSchema,
} from '../partitions.ts';
import { array, bytes, field, struct, uint } from '../schema/index.ts';
import { defineCommand } from './command.ts';

/** Bytes that are written at once: whole, or not at all. */
export const maxWriteBytes = 4_096;

const tries = uint({ max: passwordTries });

export const login = defineCommand({
  name: 'login',
  code: 0x40,
  summary: 'Logs the session in to a partition; the tenth wrong password in a row locks it.',
  needs: 'nothing',
  reach: 'local',
  request: struct({
    application: field(1, applicationSchema),
    role: field(2, roleSchema),
    password: field(3, passwordSchema),
  }),
  response: struct({}),
});

export const logout = defineCommand({
  name: 'logout',
  code: 0x41,
  summary: 'Ends the session’s login to a partition.',
  needs: 'nothing',
  reach: 'local',
  request: struct({ application: field(1, applicationSchema) }),
  response: struct({}),
});

export const listPartitions = defineCommand({
  name: 'listPartitions',
  code: 0x42,
  summary: 'Which partitions there are, how large, and how many tries their passwords have left.',
  needs: 'nothing',
  reach: 'bridge',
  request: struct({}),
  response: struct({
    partitions: field(
      1,
      array(
        struct({
          application: field(1, applicationSchema),
          vendor: field(2, vendorSchema),
          sizes: field(3, areaSizesSchema),
          userTries: field(4, tries),
          administratorTries: field(5, tries),
        }),
        { max: 16 },
      ),
    ),
    /** Bytes that no partition has. */
    freeBytes: field(2, uint({ max: 65_536 })),
  }),
});

const place = {
  application: field(1, applicationSchema),
  area: field(2, areaSchema),
  offset: field(3, uint({ max: 65_535 })),
} as const;

export const readMemory = defineCommand({
  name: 'readMemory',
  code: 0x43,
  summary: 'Reads memory of a partition; RAM3 is read by the administrator alone.',
  needs: 'user',
  reach: 'bridge',
  request: struct({ ...place, count: field(4, uint({ max: 65_536 })) }),
  response: struct({ data: field(1, bytes({ max: 65_536 })) }),
});

export const writeMemory = defineCommand({
  name: 'writeMemory',
  code: 0x44,
  summary:
    'Writes memory of a partition, whole or not at all; RAM2 and RAM3 are written by the administrator alone.',
  needs: 'user',
  reach: 'bridge',
  request: struct({ ...place, data: field(4, bytes({ max: maxWriteBytes })) }),
  response: struct({}),
});

export const setPassword = defineCommand({
  name: 'setPassword',
  code: 0x45,
  summary: 'Sets a password of a partition anew; that of the user is unlocked.',
  needs: 'administrator',
  reach: 'local',
  request: struct({
    application: field(1, applicationSchema),
    role: field(2, roleSchema),
    password: field(3, passwordSchema),
  }),
  response: struct({}),
});

export const unlockUser = defineCommand({
  name: 'unlockUser',
  code: 0x46,
  summary: 'Gives the user’s password all its tries back.',
  needs: 'administrator',
  reach: 'local',
  request: struct({ application: field(1, applicationSchema) }),
  response: struct({}),
});
