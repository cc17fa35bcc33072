import { bytes, field, optional, struct, uint } from '../schema/index.ts';
import { defineCommand, maxDataBytes } from './command.ts';

const stream = field(1, uint({ max: 0xffff }));
const data = struct({ data: field(1, bytes({ max: maxDataBytes })) });

export const streamUpdate = defineCommand({
  name: 'streamUpdate',
  code: 0x13,
  summary: 'Puts data through a stream; in ECB and CBC whole blocks of 16 bytes.',
  needs: 'nothing',
  reach: 'bridge',
  request: struct({ stream, data: field(2, bytes({ max: maxDataBytes })) }),
  response: data,
});

export const streamFinish = defineCommand({
  name: 'streamFinish',
  code: 0x14,
  summary:
    'Ends a stream, with the last data if there is any; gives its result and the GCM tag or MAC.',
  needs: 'nothing',
  reach: 'bridge',
  request: struct({ stream, data: optional(2, bytes({ max: maxDataBytes })) }),
  response: data,
});
