import { keyNumberSchema, keyTypeSchema } from '../keys.ts';
import { bytes, enumeration, field, optional, struct, uint } from '../schema/index.ts';
import { defineCommand, maxDataBytes } from './command.ts';

/** CMAC (NIST SP 800-38B) with an AES key, HMAC (FIPS 198-1) with a secret key. */
const macAlgorithm = enumeration({ cmac: 1, hmacSha256: 2, hmacSha384: 3, hmacSha512: 4 });

const mac = struct({ mac: field(1, bytes({ min: 16, max: 64 })) });

export const macCompute = defineCommand({
  name: 'macCompute',
  code: 0x15,
  summary: 'Authenticates data with a key of the chip: CMAC or HMAC.',
  needs: 'nothing',
  reach: 'bridge',
  request: struct({
    key: field(1, keyNumberSchema),
    algorithm: field(2, macAlgorithm),
    data: field(3, bytes({ max: maxDataBytes })),
  }),
  response: mac,
});

export const macBegin = defineCommand({
  name: 'macBegin',
  code: 0x16,
  summary: 'Begins to authenticate data that is longer than a message; its end gives the MAC.',
  needs: 'nothing',
  reach: 'bridge',
  request: struct({ key: field(1, keyNumberSchema), algorithm: field(2, macAlgorithm) }),
  response: struct({ stream: field(1, uint({ max: 0xffff })) }),
});

/** HKDF (RFC 5869) with a secret key of the chip as input. */
const derivation = {
  key: field(1, keyNumberSchema),
  hash: field(2, enumeration({ sha256: 1, sha384: 2, sha512: 3 })),
  salt: optional(3, bytes({ max: 128 })),
  info: optional(4, bytes({ max: 1_024 })),
} as const;

export const hkdf = defineCommand({
  name: 'hkdf',
  code: 0x17,
  summary: 'Derives bytes from a secret key of the chip, and gives them out.',
  needs: 'nothing',
  reach: 'bridge',
  request: struct({ ...derivation, count: field(5, uint({ max: 8_160 })) }),
  response: struct({ data: field(1, bytes({ max: 8_160 })) }),
});

export const hkdfKey = defineCommand({
  name: 'hkdfKey',
  code: 0x18,
  summary: 'Derives a session key from a secret key of the chip, and keeps it there.',
  needs: 'nothing',
  reach: 'bridge',
  request: struct({ ...derivation, type: field(5, keyTypeSchema) }),
  response: struct({ key: field(1, keyNumberSchema) }),
});
