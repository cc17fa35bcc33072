import { keyNumberSchema } from '../keys.ts';
import { bytes, enumeration, field, optional, struct, uint } from '../schema/index.ts';
import { defineCommand, maxDataBytes } from './command.ts';

/** How a hash becomes the number that RSA signs (RFC 8017 §8). */
const rsaScheme = enumeration({ pkcs1: 1, pss: 2 });

/** Hashes to sign with (FIPS 180-4). */
export const signingHash = enumeration({ sha256: 1, sha384: 2, sha512: 3 });

/** Hashes of OAEP (RFC 8017 §7.1). SHA-1 and SHA-224 are safe there, and in wide use. */
const oaepHash = enumeration({ sha256: 1, sha384: 2, sha512: 3, sha1: 4, sha224: 5 });

export const rsaPublicKey = defineCommand({
  name: 'rsaPublicKey',
  code: 0x21,
  summary: 'Returns the public half of an RSA key: modulus and exponent, big-endian.',
  needs: 'nothing',
  reach: 'bridge',
  request: struct({ key: field(1, keyNumberSchema) }),
  response: struct({
    modulus: field(1, bytes({ min: 256, max: 512 })),
    exponent: field(2, bytes({ min: 1, max: 8 })),
  }),
});

export const rsaSign = defineCommand({
  name: 'rsaSign',
  code: 0x22,
  summary: 'Hashes a message and signs it with an RSA key, or signs a hash.',
  needs: 'nothing',
  reach: 'bridge',
  request: struct({
    key: field(1, keyNumberSchema),
    scheme: field(2, rsaScheme),
    hash: field(3, signingHash),
    /** Either the message or its hash. */
    message: optional(4, bytes({ max: maxDataBytes })),
    digest: optional(5, bytes({ min: 32, max: 64 })),
    /** Bytes of the PSS salt; as many as the hash has unless given. */
    saltBytes: optional(6, uint({ max: 64 })),
  }),
  response: struct({ signature: field(1, bytes({ min: 256, max: 512 })) }),
});

export const rsaDecrypt = defineCommand({
  name: 'rsaDecrypt',
  code: 0x23,
  summary: 'Decrypts RSAES-OAEP with an RSA key; there is no decryption of PKCS #1 v1.5.',
  needs: 'nothing',
  reach: 'bridge',
  request: struct({
    key: field(1, keyNumberSchema),
    /** Of the label. */
    hash: field(2, oaepHash),
    /** Of the mask; the same unless given. */
    maskHash: optional(3, oaepHash),
    label: optional(4, bytes({ max: 1_024 })),
    ciphertext: field(5, bytes({ min: 256, max: 512 })),
  }),
  response: struct({ data: field(1, bytes({ max: 512 })) }),
});
