import { timeSchema } from '../licenses/index.ts';
import { bytes, field, optional, struct, uint } from '../schema/index.ts';
import { defineCommand } from './command.ts';

export const readTime = defineCommand({
  name: 'readTime',
  code: 0x60,
  summary:
    'What the dongle takes the time to be, and the nonce that the next certified time answers.',
  needs: 'nothing',
  reach: 'bridge',
  request: struct({}),
  response: struct({
    /** Missing where nobody has told it. */
    time: optional(1, timeSchema),
    /** The last certified time and the powered time since. */
    certified: optional(2, timeSchema),
    poweredMs: field(3, uint({ max: 2 ** 48 - 1 })),
    /** Of this session; each call makes another one. */
    nonce: field(4, bytes({ length: 16 })),
  }),
});

export const certifyTime = defineCommand({
  name: 'certifyTime',
  code: 0x61,
  summary: 'Sets the time by what a time key has signed for the nonce of this session.',
  needs: 'nothing',
  reach: 'bridge',
  request: struct({ file: field(1, bytes({ max: 2_048 })) }),
  response: struct({ time: field(1, timeSchema) }),
});

export const offerTime = defineCommand({
  name: 'offerTime',
  code: 0x62,
  summary:
    'Offers the system’s time, which may run a day ahead of the certified and powered time, and never goes back.',
  needs: 'nothing',
  reach: 'local',
  request: struct({ time: field(1, timeSchema) }),
  response: struct({ time: field(1, timeSchema) }),
});
