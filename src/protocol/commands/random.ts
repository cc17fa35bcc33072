import { bytes, field, struct, uint } from '../schema/index.ts';
import { defineCommand, maxDataBytes } from './command.ts';

export const random = defineCommand({
  name: 'random',
  code: 0x02,
  summary: 'Returns bytes of the chip’s random number generator.',
  needs: 'nothing',
  reach: 'bridge',
  request: struct({ count: field(1, uint({ max: maxDataBytes })) }),
  response: struct({ data: field(1, bytes({ max: maxDataBytes })) }),
});
