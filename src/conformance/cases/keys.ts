import type { ErrorCode } from '../../errors.ts';
import type { Case, Step } from '../case.ts';
import { demoPartition } from '../demo-partition.ts';
import type { Value } from '../step-data.ts';

const { application } = demoPartition;

/** NIST SP 800-38A appendix F.1.1: it shows whose key is at work. */
const known = {
  key: '2b7e151628aed2a6abf7158809cf4f3c',
  data: { hex: '6bc1bee22e409f96e93d7e117393172a' },
  encrypted: { hex: '3ad77bb40d7a3660a89ecaf32466ef97' },
};

const material = { fields: { type: 'aes128', key: { hex: known.key } } };

function login(on: string, role: 'user' | 'administrator'): Step {
  const fields = { application, role, password: demoPartition[role] };
  return { do: 'call', on, command: 'login', fields };
}

function logout(on: string): Step {
  return { do: 'call', on, command: 'logout', fields: { application } };
}

/** Does a command with a key of the demo partition or of none. */
function call(
  on: string,
  command: string,
  fields: Readonly<Record<string, Value>>,
  outcome: { readonly save?: string; readonly error?: ErrorCode } = {},
): Step {
  const { save, error } = outcome;
  return {
    ...{ do: 'call', on, command, fields },
    ...(error !== undefined && { error }),
    ...(save !== undefined && { save: { key: save } }),
  };
}

/** Encrypts a block with a saved key, which is the known one unless there is an error. */
function use(on: string, key: string, error?: ErrorCode): Step {
  const fields = { key: { saved: key }, mode: 'ecb', iv: { hex: '' }, data: known.data };
  return {
    ...{ do: 'call', on, command: 'aesEncrypt', fields },
    ...(error === undefined ? { result: { data: known.encrypted } } : { error }),
  };
}

const generated = { type: 'aes128' };

/** Keys that live as long as a session. */
const sessionKeyCases: readonly Case[] = [
  {
    name: 'session-keys',
    clause: 'keys/session',
    title: 'A session alone uses, drops and sees its keys, and they go with it.',
    steps: [
      { do: 'session', on: 'a' },
      { do: 'session', on: 'b' },
      call('a', 'loadKey', { material }, { save: 'loaded' }),
      use('a', 'loaded'),
      use('b', 'loaded', 'KEY_NOT_FOUND'),
      call('b', 'dropKey', { key: { saved: 'loaded' } }, { error: 'KEY_NOT_FOUND' }),
      use('a', 'loaded'),
      call('a', 'dropKey', { key: { saved: 'loaded' } }),
      call('a', 'dropKey', { key: { saved: 'loaded' } }, { error: 'KEY_NOT_FOUND' }),
      use('a', 'loaded', 'KEY_NOT_FOUND'),
      call('a', 'loadKey', { material }, { save: 'loaded' }),
      { do: 'call', on: 'a', command: 'end' },
      { do: 'session', on: 'c' },
      use('c', 'loaded', 'KEY_NOT_FOUND'),
    ],
  },
  {
    name: 'session-keys-limit',
    clause: 'keys/session',
    title: 'There are sixteen keys of sessions; those of a session that ends make room.',
    steps: [
      { do: 'session', on: 'a' },
      { do: 'session', on: 'b' },
      {
        do: 'repeat',
        times: 16,
        steps: [call('a', 'generateKey', generated, { save: 'key-#' })],
      },
      call('a', 'generateKey', generated, { error: 'NO_SPACE' }),
      call('b', 'loadKey', { material }, { error: 'NO_SPACE' }),
      call('a', 'dropKey', { key: { saved: 'key-9' } }),
      call('b', 'loadKey', { material }, { save: 'loaded' }),
      use('b', 'loaded'),
      { do: 'call', on: 'a', command: 'end' },
      {
        do: 'repeat',
        times: 15,
        steps: [call('b', 'generateKey', generated, { save: 'key-#' })],
      },
      call('b', 'generateKey', generated, { error: 'NO_SPACE' }),
      use('b', 'loaded'),
    ],
  },
  {
    name: 'key-material',
    clause: 'keys/session',
    title: 'Keys of another length than their type, or of none that there is, are refused.',
    steps: [
      { do: 'session', on: 'a' },
      ...(
        [
          ['aes128', 15],
          ['aes128', 32],
          ['aes192', 16],
          ['aes256', 24],
          ['ed25519', 31],
          ['x25519', 33],
        ] as const
      ).map(([type, bytes]) =>
        call(
          'a',
          'loadKey',
          { material: { fields: { type, key: { bytes } } } },
          { error: 'KEY_REFUSED' },
        ),
      ),
      call('a', 'loadKey', { material: { fields: { type: 'aes128' } } }, { error: 'KEY_REFUSED' }),
      call('a', 'generateKey', { type: 'aes128', bytes: 16 }, { error: 'INVALID_ARGUMENT' }),
      call('a', 'generateKey', { type: 'secret', bytes: 0 }, { error: 'INVALID_ARGUMENT' }),
      call('a', 'generateKey', { type: 'secret', bytes: 128 }, { save: 'secret' }),
      call(
        'a',
        'aesEncrypt',
        { key: { saved: 'secret' }, mode: 'ecb', iv: { hex: '' }, data: known.data },
        { error: 'INVALID_ARGUMENT' },
      ),
    ],
  },
];

/** The key from manufacture. */
const fixedKeyCase: Case = {
  name: 'fixed-key',
  clause: 'keys/fixed',
  title: 'Everybody uses the key from manufacture, and nobody drops or deletes it.',
  steps: [
    { do: 'session', on: 'a' },
    login('a', 'administrator'),
    call('a', 'dropKey', { key: 1 }, { error: 'KEY_NOT_FOUND' }),
    call('a', 'deleteKey', { application, key: 1 }, { error: 'KEY_NOT_FOUND' }),
    logout('a'),
    call('a', 'macCompute', { key: 1, algorithm: 'cmac', data: { bytes: 1 } }),
  ],
};

/** Keys of a partition. */
const privateKeyCases: readonly Case[] = [
  {
    name: 'private-keys',
    clause: 'keys/private',
    title:
      'A private key is used after a login to its partition, and only its administrator sets it.',
    steps: [
      { do: 'session', on: 'a' },
      { do: 'session', on: 'b' },
      login('a', 'user'),
      call('a', 'importKey', { application, material }, { error: 'LOGIN_REQUIRED' }),
      call('a', 'createKey', { application, type: 'aes256' }, { error: 'LOGIN_REQUIRED' }),
      login('a', 'administrator'),
      call(
        'a',
        'importKey',
        { application, material: { fields: { type: 'aes192', key: { bytes: 25 } } } },
        { error: 'KEY_REFUSED' },
      ),
      call('a', 'importKey', { application, material }, { save: 'private' }),
      use('a', 'private'),
      use('b', 'private', 'LOGIN_REQUIRED'),
      logout('a'),
      use('a', 'private', 'LOGIN_REQUIRED'),
      call(
        'a',
        'deleteKey',
        { application, key: { saved: 'private' } },
        { error: 'LOGIN_REQUIRED' },
      ),
      login('b', 'user'),
      use('b', 'private'),
      call('b', 'dropKey', { key: { saved: 'private' } }, { error: 'KEY_NOT_FOUND' }),
      login('b', 'administrator'),
      call('b', 'deleteKey', { application, key: { saved: 'private' } }),
      use('b', 'private', 'KEY_NOT_FOUND'),
      call(
        'b',
        'deleteKey',
        { application, key: { saved: 'private' } },
        { error: 'KEY_NOT_FOUND' },
      ),
    ],
  },
  {
    name: 'private-keys-stay',
    clause: 'keys/private',
    title: 'A private key is there after a loss of power; the login is not.',
    steps: [
      { do: 'session', on: 'a' },
      login('a', 'administrator'),
      call('a', 'importKey', { application, material }, { save: 'private' }),
      { do: 'unplug' },
      { do: 'plug' },
      { do: 'session', on: 'a' },
      use('a', 'private', 'LOGIN_REQUIRED'),
      login('a', 'user'),
      use('a', 'private'),
      login('a', 'administrator'),
      call('a', 'deleteKey', { application, key: { saved: 'private' } }),
    ],
  },
];

/** Keys: of sessions, from manufacture, and of partitions. */
export const keyCases: readonly Case[] = [...sessionKeyCases, fixedKeyCase, ...privateKeyCases];
