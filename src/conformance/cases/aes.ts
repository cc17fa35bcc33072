import type { Case } from '../case.ts';

const iv12 = '000102030405060708090a0b';
const iv16 = '000102030405060708090a0b00000002';

/**
 * AES by the chip's own key 1. Nobody knows that key, so there are no known answers; instead the
 * modes must agree with each other and with themselves.
 */
export const aesCases = [
  {
    name: 'aes-round-trips',
    clause: 'commands/aes',
    title: 'What each mode encrypts, it decrypts.',
    steps: [
      { do: 'session', on: 'a' },
      {
        do: 'call',
        on: 'a',
        command: 'aesEncrypt',
        fields: { key: 1, mode: 'cbc', iv: { hex: iv16 }, data: { bytes: 4096 } },
        result: { data: { length: 4096 } },
        save: { data: 'cbc' },
      },
      {
        do: 'call',
        on: 'a',
        command: 'aesDecrypt',
        fields: { key: 1, mode: 'cbc', iv: { hex: iv16 }, data: { saved: 'cbc' } },
        result: { data: { bytes: 4096 } },
      },
      {
        do: 'call',
        on: 'a',
        command: 'aesEncrypt',
        fields: { key: 1, mode: 'ctr', iv: { hex: iv16 }, data: { bytes: 1001 } },
        result: { data: { length: 1001 } },
        save: { data: 'ctr' },
      },
      {
        do: 'call',
        on: 'a',
        command: 'aesDecrypt',
        fields: { key: 1, mode: 'ctr', iv: { hex: iv16 }, data: { saved: 'ctr' } },
        result: { data: { bytes: 1001 } },
      },
      {
        do: 'call',
        on: 'a',
        command: 'aesEncrypt',
        fields: {
          key: 1,
          mode: 'gcm',
          iv: { hex: iv12 },
          data: { bytes: 1001 },
          ad: { bytes: 20, seed: 1 },
        },
        // GCM encrypts as CTR from the counter 2 on (NIST SP 800-38D §7.1); 16 bytes of tag follow.
        result: { data: { length: 1017 } },
        save: { data: 'gcm' },
      },
      {
        do: 'call',
        on: 'a',
        command: 'aesDecrypt',
        fields: {
          key: 1,
          mode: 'ctr',
          iv: { hex: iv16 },
          data: { saved: 'gcm', slice: [0, 1001] },
        },
        result: { data: { bytes: 1001 } },
      },
      {
        do: 'call',
        on: 'a',
        command: 'aesDecrypt',
        fields: {
          key: 1,
          mode: 'gcm',
          iv: { hex: iv12 },
          data: { saved: 'gcm' },
          ad: { bytes: 20, seed: 1 },
        },
        result: { data: { bytes: 1001 } },
      },
    ],
  },
  {
    name: 'aes-modes-agree',
    clause: 'commands/aes',
    title: 'One block of zeros gives the same in CBC and CTR, in each session.',
    steps: [
      { do: 'session', on: 'a' },
      { do: 'session', on: 'b' },
      {
        do: 'call',
        on: 'a',
        command: 'aesEncrypt',
        fields: {
          key: 1,
          mode: 'cbc',
          iv: { hex: iv16 },
          data: { hex: '00000000000000000000000000000000' },
        },
        save: { data: 'block' },
      },
      {
        do: 'call',
        on: 'b',
        command: 'aesEncrypt',
        fields: {
          key: 1,
          mode: 'ctr',
          iv: { hex: iv16 },
          data: { hex: '00000000000000000000000000000000' },
        },
        result: { data: { saved: 'block' } },
      },
    ],
  },
  {
    name: 'gcm-altered',
    clause: 'commands/aes',
    title: 'GCM data that was altered, cut or given other additional data is not decrypted.',
    steps: [
      { do: 'session', on: 'a' },
      {
        do: 'call',
        on: 'a',
        command: 'aesEncrypt',
        fields: { key: 1, mode: 'gcm', iv: { hex: iv12 }, data: { bytes: 32 } },
        save: { data: 'sealed' },
      },
      {
        do: 'repeat',
        times: 48,
        steps: [
          {
            do: 'call',
            on: 'a',
            command: 'aesDecrypt',
            fields: {
              key: 1,
              mode: 'gcm',
              iv: { hex: iv12 },
              data: { saved: 'sealed', flip: '#' },
            },
            error: 'DECRYPT_FAILED',
          },
        ],
      },
      {
        do: 'call',
        on: 'a',
        command: 'aesDecrypt',
        fields: {
          key: 1,
          mode: 'gcm',
          iv: { hex: iv12 },
          data: { saved: 'sealed', slice: [0, 15] },
        },
        error: 'DECRYPT_FAILED',
      },
      {
        do: 'call',
        on: 'a',
        command: 'aesDecrypt',
        fields: {
          key: 1,
          mode: 'gcm',
          iv: { hex: iv12 },
          data: { saved: 'sealed' },
          ad: { bytes: 1 },
        },
        error: 'DECRYPT_FAILED',
      },
      {
        do: 'call',
        on: 'a',
        command: 'aesDecrypt',
        fields: { key: 1, mode: 'gcm', iv: { hex: iv12 }, data: { saved: 'sealed' } },
        result: { data: { bytes: 32 } },
      },
    ],
  },
  {
    name: 'aes-arguments',
    clause: 'commands/aes',
    title: 'Wrong lengths, additional data outside of GCM and unknown keys are refused.',
    steps: [
      { do: 'session', on: 'a' },
      {
        do: 'call',
        on: 'a',
        command: 'aesEncrypt',
        fields: { key: 1, mode: 'cbc', iv: { hex: iv16 }, data: { bytes: 15 } },
        error: 'INVALID_ARGUMENT',
      },
      {
        do: 'call',
        on: 'a',
        command: 'aesDecrypt',
        fields: { key: 1, mode: 'cbc', iv: { hex: iv16 }, data: { bytes: 17 } },
        error: 'INVALID_ARGUMENT',
      },
      {
        do: 'call',
        on: 'a',
        command: 'aesEncrypt',
        fields: { key: 1, mode: 'ctr', iv: { hex: iv12 }, data: { bytes: 16 } },
        error: 'INVALID_ARGUMENT',
      },
      {
        do: 'call',
        on: 'a',
        command: 'aesEncrypt',
        fields: { key: 1, mode: 'gcm', iv: { hex: '' }, data: { bytes: 16 } },
        error: 'INVALID_ARGUMENT',
      },
      {
        do: 'call',
        on: 'a',
        command: 'aesEncrypt',
        fields: { key: 1, mode: 'ctr', iv: { hex: iv16 }, data: { bytes: 16 }, ad: { bytes: 1 } },
        error: 'INVALID_ARGUMENT',
      },
      {
        do: 'call',
        on: 'a',
        command: 'aesEncrypt',
        fields: { key: 2, mode: 'ctr', iv: { hex: iv16 }, data: { bytes: 16 } },
        error: 'KEY_NOT_FOUND',
      },
      {
        do: 'call',
        on: 'a',
        command: 'aesDecrypt',
        fields: { key: 0, mode: 'gcm', iv: { hex: iv12 }, data: { bytes: 32 } },
        error: 'KEY_NOT_FOUND',
      },
      { do: 'echo', on: 'a' },
    ],
  },
] satisfies readonly Case[];
