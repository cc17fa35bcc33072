import { bytes, enumeration, field, struct, uint } from '../schema/index.ts';
import { defineCommand, maxDataBytes } from './command.ts';

/** How a hash becomes the number that RSA signs (RFC 8017 §8). */
const rsaScheme = enumeration({ pkcs1: 1, pss: 2 });

/** Hashes to sign with (FIPS 180-4). */
const rsaHash = enumeration({ sha256: 1, sha384: 2, sha512: 3 });

const keyNumber = uint({ max: 0xffff });

export const rsaGenerate = defineCommand({
  name: 'rsaGenerate',
  code: 0x20,
  summary: 'Generates an RSA key of 2048, 3072 or 4096 bits, which lives as long as the session.',
  needs: 'nothing',
  reach: 'bridge',
  request: struct({ bits: field(1, uint({ max: 4096 })) }),
  response: struct({ key: field(1, keyNumber) }),
});

export const rsaPublicKey = defineCommand({
  name: 'rsaPublicKey',
  code: 0x21,
  summary: 'Returns the public half of an RSA key: modulus and exponent, big-endian.',
  needs: 'nothing',
  reach: 'bridge',
  request: struct({ key: field(1, keyNumber) }),
  response: struct({
    modulus: field(1, bytes({ min: 256, max: 512 })),
    exponent: field(2, bytes({ min: 1, max: 8 })),
  }),
});

export const rsaSign = defineCommand({
  name: 'rsaSign',
  code: 0x22,
  summary: 'Hashes a message and signs it with an RSA key; the PSS salt is as long as the hash.',
  needs: 'nothing',
  reach: 'bridge',
  request: struct({
    key: field(1, keyNumber),
    scheme: field(2, rsaScheme),
    hash: field(3, rsaHash),
    message: field(4, bytes({ max: maxDataBytes })),
  }),
  response: struct({ signature: field(1, bytes({ min: 256, max: 512 })) }),
});
