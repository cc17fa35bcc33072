import { keyNumberSchema } from '../keys.ts';
import { bytes, enumeration, field, optional, struct, uint } from '../schema/index.ts';
import { defineCommand, maxDataBytes } from './command.ts';

/** Modes of operation: NIST SP 800-38A (ECB, CBC, CTR, CFB of 128 bits) and SP 800-38D (GCM). */
const aesMode = enumeration({ cbc: 1, ctr: 2, gcm: 3, ecb: 4, cfb: 5 });

const setup = {
  key: field(1, keyNumberSchema),
  mode: field(2, aesMode),
  /** 16 bytes for CBC, CTR and CFB, 1 to 128 for GCM (12 are best), none for ECB. */
  iv: field(3, bytes({ max: 128 })),
} as const;

const operation = struct({
  ...setup,
  data: field(4, bytes({ max: maxDataBytes })),
  /** Authenticated, not encrypted; GCM alone. */
  ad: optional(5, bytes({ max: maxDataBytes })),
});
const result = struct({ data: field(1, bytes({ max: maxDataBytes })) });

export const aesEncrypt = defineCommand({
  name: 'aesEncrypt',
  code: 0x10,
  summary:
    'Encrypts with an AES key of the chip; the 16-byte GCM tag stands behind the ciphertext.',
  needs: 'nothing',
  reach: 'bridge',
  request: operation,
  response: result,
});

export const aesDecrypt = defineCommand({
  name: 'aesDecrypt',
  code: 0x11,
  summary: 'Decrypts with an AES key of the chip; GCM data that does not authenticate is refused.',
  needs: 'nothing',
  reach: 'bridge',
  request: operation,
  response: result,
});

export const aesBegin = defineCommand({
  name: 'aesBegin',
  code: 0x12,
  summary:
    'Begins a stream, longer than a message: encrypts in any mode, or decrypts in any but GCM, which must be authenticated first.',
  needs: 'nothing',
  reach: 'bridge',
  request: struct({
    ...setup,
    direction: field(4, enumeration({ encrypt: 1, decrypt: 2 })),
    ad: optional(5, bytes({ max: maxDataBytes })),
  }),
  response: struct({ stream: field(1, uint({ max: 0xffff })) }),
});
