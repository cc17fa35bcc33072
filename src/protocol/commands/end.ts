import { struct } from '../schema/index.ts';
import { defineCommand } from './command.ts';

export const end = defineCommand({
  name: 'end',
  code: 0x04,
  summary:
    'Ends the session: its keys are forgotten, and what it held is free at once. The last session of a binding gives it up.',
  needs: 'nothing',
  reach: 'bridge',
  request: struct({}),
  response: struct({}),
});
