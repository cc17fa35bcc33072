import { bytes, field, struct, uint } from '../schema/index.ts';
import { defineCommand } from './command.ts';

export const handOver = defineCommand({
  name: 'handOver',
  code: 0x07,
  summary:
    'Lets the runtime with this static key take the dongle over for a while, though the owner lives.',
  needs: 'nothing',
  reach: 'local',
  request: struct({ key: field(1, bytes({ length: 32 })) }),
  response: struct({ windowMs: field(1, uint({ max: 0xffff_ffff })) }),
});
