import { struct } from '../schema/index.ts';
import { defineCommand } from './command.ts';

export const wink = defineCommand({
  name: 'wink',
  code: 0x03,
  summary: 'Blinks the dongle’s light, so that a person can tell which box it is.',
  needs: 'nothing',
  reach: 'bridge',
  request: struct({}),
  response: struct({}),
});
