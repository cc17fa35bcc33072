import { array, bool, field, struct, uint } from '../schema/index.ts';
import { defineCommand } from './command.ts';

export const describe = defineCommand({
  name: 'describe',
  code: 0x08,
  summary: 'What the dongle has room for, and whether a vendor has blocked it.',
  needs: 'nothing',
  reach: 'bridge',
  request: struct({}),
  response: struct({
    memoryBytes: field(1, uint({ max: 65_536 })),
    keys: field(2, uint({ max: 0xff })),
    licenses: field(3, uint({ max: 0xff })),
    blocked: field(4, bool()),
    /** Firmware: major, minor and build. */
    version: field(5, array(uint({ max: 0xff }), { min: 3, max: 3 })),
  }),
});
