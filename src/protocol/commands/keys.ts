import { keyMaterialSchema, keyNumberSchema, keyTypeSchema } from '../keys.ts';
import { applicationSchema } from '../partitions.ts';
import { array, bytes, field, optional, struct, uint } from '../schema/index.ts';
import { defineCommand } from './command.ts';

const numbered = struct({ key: field(1, keyNumberSchema) });

export const generateKey = defineCommand({
  name: 'generateKey',
  code: 0x20,
  summary: 'Generates a key on the chip, which lives as long as the session.',
  needs: 'nothing',
  reach: 'bridge',
  request: struct({
    type: field(1, keyTypeSchema),
    /** Length of a secret key; 32 unless given. */
    bytes: optional(2, uint({ max: 128 })),
  }),
  response: numbered,
});

export const loadKey = defineCommand({
  name: 'loadKey',
  code: 0x28,
  summary: 'Takes a key in, which lives as long as the session.',
  needs: 'nothing',
  reach: 'bridge',
  request: struct({ material: field(1, keyMaterialSchema) }),
  response: numbered,
});

export const dropKey = defineCommand({
  name: 'dropKey',
  code: 0x29,
  summary: 'Forgets a key of the session.',
  needs: 'nothing',
  reach: 'bridge',
  request: numbered,
  response: struct({}),
});

export const createKey = defineCommand({
  name: 'createKey',
  code: 0x2a,
  summary: 'Generates a private key of a partition, which the dongle keeps.',
  needs: 'administrator',
  reach: 'local',
  request: struct({
    application: field(1, applicationSchema),
    type: field(2, keyTypeSchema),
    bytes: optional(3, uint({ max: 128 })),
  }),
  response: numbered,
});

export const importKey = defineCommand({
  name: 'importKey',
  code: 0x2b,
  summary: 'Takes a private key of a partition in, which the dongle keeps.',
  needs: 'administrator',
  reach: 'local',
  request: struct({
    application: field(1, applicationSchema),
    material: field(2, keyMaterialSchema),
  }),
  response: numbered,
});

export const deleteKey = defineCommand({
  name: 'deleteKey',
  code: 0x2c,
  summary: 'Deletes a private key of a partition, and wipes it from the flash.',
  needs: 'administrator',
  reach: 'local',
  request: struct({
    application: field(1, applicationSchema),
    key: field(2, keyNumberSchema),
  }),
  response: struct({}),
});

export const listKeys = defineCommand({
  name: 'listKeys',
  code: 0x2d,
  summary: 'Which keys there are: those of the chip, of all partitions, and of the session.',
  needs: 'nothing',
  reach: 'bridge',
  request: struct({}),
  response: struct({
    keys: field(
      1,
      array(
        struct({
          key: field(1, keyNumberSchema),
          type: field(2, keyTypeSchema),
          application: optional(3, applicationSchema),
        }),
        { max: 64 },
      ),
    ),
  }),
});

export const exportKey = defineCommand({
  name: 'exportKey',
  code: 0x2e,
  summary:
    'Gives a private RSA key to the driver, on models whose chip has no RSA: sealed to an X25519 key of the caller with Noise X.',
  needs: 'user',
  reach: 'local',
  request: struct({
    application: field(1, applicationSchema),
    key: field(2, keyNumberSchema),
    /** X25519. */
    recipient: field(3, bytes({ length: 32 })),
  }),
  response: struct({ sealed: field(1, bytes({ max: 3_072 })) }),
});
