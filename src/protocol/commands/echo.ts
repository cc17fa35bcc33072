import { bytes, field, struct } from '../schema/index.ts';
import { defineCommand, maxDataBytes } from './command.ts';

export const echo = defineCommand({
  name: 'echo',
  code: 0x01,
  summary: 'Returns the data it is given.',
  needs: 'nothing',
  reach: 'bridge',
  request: struct({ data: field(1, bytes({ max: maxDataBytes })) }),
  response: struct({ data: field(1, bytes({ max: maxDataBytes })) }),
});
