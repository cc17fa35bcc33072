import { bytes, field, struct, uint } from '../schema/index.ts';
import { defineCommand } from './command.ts';

/** Random, so that two copies of one host never send the same record. */
export const nonce = bytes({ length: 8 });

export const renew = defineCommand({
  name: 'renew',
  code: 0x05,
  summary:
    'Shows that the owner lives, as every request does, and tells how often others have knocked.',
  needs: 'nothing',
  reach: 'local',
  request: struct({ nonce: field(1, nonce) }),
  response: struct({ knocks: field(1, uint({ max: 0xffff_ffff })) }),
});
