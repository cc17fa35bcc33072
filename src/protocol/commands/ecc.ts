import { keyNumberSchema } from '../keys.ts';
import { bytes, field, optional, struct } from '../schema/index.ts';
import { defineCommand, maxDataBytes } from './command.ts';
import { signingHash } from './rsa.ts';

export const eccPublicKey = defineCommand({
  name: 'eccPublicKey',
  code: 0x30,
  summary: 'Returns the public half of a key: 64 bytes (x, y) of P-256, 32 of Ed25519 and X25519.',
  needs: 'nothing',
  reach: 'bridge',
  request: struct({ key: field(1, keyNumberSchema) }),
  response: struct({ publicKey: field(1, bytes({ min: 32, max: 64 })) }),
});

export const eccSign = defineCommand({
  name: 'eccSign',
  code: 0x31,
  summary:
    'Signs a message: Ed25519 (RFC 8032), or ECDSA with P-256 (FIPS 186-5) and a hash; r and s, 32 bytes each.',
  needs: 'nothing',
  reach: 'bridge',
  request: struct({
    key: field(1, keyNumberSchema),
    /** P-256 alone. */
    hash: optional(2, signingHash),
    /** The message; with P-256, `digest` may stand in its place. */
    message: optional(3, bytes({ max: maxDataBytes })),
    digest: optional(4, bytes({ min: 32, max: 64 })),
  }),
  response: struct({ signature: field(1, bytes({ length: 64 })) }),
});

export const eccAgree = defineCommand({
  name: 'eccAgree',
  code: 0x32,
  summary: 'The shared secret of an X25519 key with another’s public key (RFC 7748 §6.1).',
  needs: 'nothing',
  reach: 'bridge',
  request: struct({
    key: field(1, keyNumberSchema),
    publicKey: field(2, bytes({ length: 32 })),
  }),
  response: struct({ secret: field(1, bytes({ length: 32 })) }),
});
