import { bytes, enumeration, field, optional, struct, uint } from '../schema/index.ts';
import { defineCommand, maxDataBytes } from './command.ts';

/** Modes of operation: NIST SP 800-38A (CBC, CTR) and SP 800-38D (GCM). */
const aesMode = enumeration({ cbc: 1, ctr: 2, gcm: 3 });

const operation = struct({
  key: field(1, uint({ max: 0xffff })),
  mode: field(2, aesMode),
  /** 16 bytes for CBC and CTR, 12 for GCM. */
  iv: field(3, bytes({ min: 12, max: 16 })),
  data: field(4, bytes({ max: maxDataBytes })),
  /** Authenticated, not encrypted; GCM alone. */
  ad: optional(5, bytes({ max: maxDataBytes })),
});
const result = struct({ data: field(1, bytes({ max: maxDataBytes })) });

export const aesEncrypt = defineCommand({
  name: 'aesEncrypt',
  code: 0x10,
  summary: 'Encrypts with an AES-256 key of the chip; the GCM tag stands behind the ciphertext.',
  needs: 'nothing',
  reach: 'bridge',
  request: operation,
  response: result,
});

export const aesDecrypt = defineCommand({
  name: 'aesDecrypt',
  code: 0x11,
  summary:
    'Decrypts with an AES-256 key of the chip; GCM data that does not authenticate is refused.',
  needs: 'nothing',
  reach: 'bridge',
  request: operation,
  response: result,
});
