import { ticketBytes } from '../channel/index.ts';
import { bytes, field, struct } from '../schema/index.ts';
import { defineCommand } from './command.ts';
import { nonce } from './renew.ts';

export const invite = defineCommand({
  name: 'invite',
  code: 0x06,
  summary:
    'Gives an invitation, good once and for 10 s, by which this runtime opens one more session.',
  needs: 'nothing',
  reach: 'local',
  request: struct({ nonce: field(1, nonce) }),
  response: struct({ invitation: field(1, bytes({ length: ticketBytes })) }),
});
