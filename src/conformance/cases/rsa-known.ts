import type { ErrorCode } from '../../errors.ts';
import type { Case, Step } from '../case.ts';
import { demoPartition } from '../demo-partition.ts';
import {
  knownModulus,
  knownOaep,
  knownOaepLabel,
  knownOaepMask,
  knownRsaKey,
  knownSignature,
  rocaPrimes,
} from '../known-rsa.ts';
import type { Bytes, Value } from '../step-data.ts';

const withinMs = 60_000;
const key = { saved: 'key' };
const message = { hex: '616263' };
/** SHA-256 of it (FIPS 180-2, appendix B.1). */
const digest = { hex: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad' };
const data = { hex: '706c61696e74657874' };

/** A session that has loaded the known key. */
const loaded: readonly Step[] = [
  { do: 'session', on: 'a' },
  {
    do: 'call',
    on: 'a',
    command: 'loadKey',
    fields: { material: { fields: knownRsaKey } },
    save: { key: 'key' },
    withinMs,
  },
];

function sign(
  fields: Readonly<Record<string, Value>>,
  outcome: { readonly result?: { readonly signature: Bytes }; readonly error?: ErrorCode },
): Step {
  const all = { key, scheme: 'pkcs1', hash: 'sha256', ...fields };
  return { do: 'call', on: 'a', command: 'rsaSign', fields: all, withinMs, ...outcome };
}

const signature = { result: { signature: knownSignature } };
const refused = { error: 'INVALID_ARGUMENT' } as const;

function decrypt(ciphertext: Bytes, fields: Readonly<Record<string, Value>> = {}): Step {
  const all = { key, hash: 'sha256', ...fields, ciphertext };
  return { do: 'call', on: 'a', command: 'rsaDecrypt', fields: all, result: { data }, withinMs };
}

function cannotDecrypt(ciphertext: Bytes, fields: Readonly<Record<string, Value>> = {}): Step {
  const all = { key, hash: 'sha256', ...fields, ciphertext };
  return {
    ...{ do: 'call', on: 'a', command: 'rsaDecrypt', fields: all, withinMs },
    // The whole answer: nothing in it says why.
    replyBytes: { hex: '12' },
  };
}

const label = { hex: '6c6162656c' };

/** A key that is refused, in each of the ways that keys come in. */
function weak(change: Readonly<Record<string, Value>>): Step[] {
  const { application } = demoPartition;
  const material = { fields: { ...knownRsaKey, ...change } };
  const error = 'KEY_REFUSED';
  return [
    { do: 'call', on: 'a', command: 'loadKey', fields: { material }, error, withinMs },
    {
      ...{ do: 'call', on: 'a', command: 'importKey' },
      fields: { application, material },
      ...{ error, withinMs },
    },
  ];
}

const { application, administrator, user } = demoPartition;

function login(role: 'user' | 'administrator'): Step {
  const password = role === 'user' ? user : administrator;
  return { do: 'call', on: 'a', command: 'login', fields: { application, role, password } };
}

/** RSA with a known key. */
export const rsaKnownCases = [
  {
    name: 'rsa-known-signature',
    clause: 'commands/rsa',
    title: 'A message and its hash have the same signature by PKCS #1, which OpenSSL gives too.',
    steps: [
      ...loaded,
      {
        do: 'call',
        on: 'a',
        command: 'rsaPublicKey',
        fields: { key },
        result: { modulus: knownModulus, exponent: { hex: '010001' } },
        save: { modulus: 'n', exponent: 'e' },
      },
      sign({ message }, signature),
      sign({ digest }, signature),
    ],
  },
  {
    name: 'rsa-pss-salt',
    clause: 'commands/rsa',
    title: 'PSS has a salt of its own each time, as long as the hash unless it is to be shorter.',
    steps: [
      ...loaded,
      {
        do: 'call',
        on: 'a',
        command: 'rsaPublicKey',
        fields: { key },
        save: { modulus: 'n', exponent: 'e' },
      },
      ...([{ message }, { digest }] as const).map(
        (input): Step => ({
          do: 'repeat',
          times: 2,
          steps: [
            {
              do: 'call',
              on: 'a',
              command: 'rsaSign',
              fields: { key, scheme: 'pss', hash: 'sha256', ...input },
              save: { signature: 'pss-#' },
              withinMs,
            },
            {
              ...{
                do: 'verify',
                modulus: 'n',
                exponent: 'e',
                scheme: 'pss',
                hash: 'sha256',
                message,
              },
              signature: 'pss-#',
            },
          ],
        }),
      ),
      {
        do: 'call',
        on: 'a',
        command: 'rsaSign',
        fields: { key, scheme: 'pss', hash: 'sha256', message },
        result: { signature: { unlike: 'pss-1' } },
        withinMs,
      },
      {
        do: 'call',
        on: 'a',
        command: 'rsaSign',
        fields: { key, scheme: 'pss', hash: 'sha256', message, saltBytes: 0 },
        save: { signature: 'unsalted' },
        withinMs,
      },
      {
        do: 'call',
        on: 'a',
        command: 'rsaSign',
        fields: { key, scheme: 'pss', hash: 'sha256', digest, saltBytes: 0 },
        result: { signature: { saved: 'unsalted' } },
        withinMs,
      },
    ],
  },
  {
    name: 'rsa-no-request',
    clause: 'commands/rsa',
    title: 'What is to be signed is one message or one hash, and salts are of PSS.',
    steps: [
      ...loaded,
      sign({}, refused),
      sign({ message, digest }, refused),
      sign({ digest, hash: 'sha384' }, refused),
      sign({ digest: { bytes: 48 } }, refused),
      sign({ message, saltBytes: 32 }, refused),
      sign({ message, scheme: 'pss', saltBytes: 33 }, refused),
      sign({ message, key: 1 }, refused),
      sign({ message }, signature),
    ],
  },
  {
    name: 'rsa-oaep',
    clause: 'commands/rsa',
    title: 'OAEP is decrypted with one hash or two, with a label and without.',
    steps: [
      ...loaded,
      decrypt(knownOaep),
      decrypt(knownOaep, { label: { hex: '' } }),
      decrypt(knownOaepLabel, { hash: 'sha384', label }),
      decrypt(knownOaepMask, { maskHash: 'sha1' }),
    ],
  },
  {
    name: 'rsa-oaep-failures',
    clause: 'commands/rsa',
    title: 'What does not decrypt is refused in one way, whatever is wrong with it.',
    steps: [
      ...loaded,
      cannotDecrypt(knownOaep, { label }),
      cannotDecrypt(knownOaepLabel, { hash: 'sha384' }),
      cannotDecrypt(knownOaep, { maskHash: 'sha1' }),
      cannotDecrypt(knownOaepMask),
      cannotDecrypt(knownOaep, { hash: 'sha1' }),
      cannotDecrypt({ bytes: 256 }),
      cannotDecrypt({ hex: '00'.repeat(256) }),
      cannotDecrypt({ hex: 'ff'.repeat(256) }),
      cannotDecrypt(knownModulus),
      cannotDecrypt({ bytes: 384 }),
      cannotDecrypt(knownSignature),
      decrypt(knownOaep),
    ],
  },
  {
    name: 'rsa-weak-keys',
    clause: 'keys/weak',
    title: 'Weak keys are refused, and those with the pattern of CVE-2017-15361.',
    steps: [
      { do: 'session', on: 'a' },
      login('administrator'),
      ...weak(rocaPrimes),
      ...weak({ q: knownRsaKey.p }),
      ...weak({ p: knownRsaKey.q, q: knownRsaKey.p }),
      ...weak({ p: { hex: `ff${knownRsaKey.p.hex.slice(2)}` } }),
      ...weak({ p: { hex: 'ff'.repeat(128) } }),
      ...weak({ exponent: { hex: '03' } }),
      ...weak({ exponent: { hex: 'fff1' } }),
      ...weak({ exponent: { hex: '010002' } }),
      ...weak({ exponent: { hex: '00010001' } }),
      ...weak({ type: 'rsa3072' }),
      ...weak({ type: 'aes256' }),
      ...weak({ key: { bytes: 32 } }),
    ],
  },
  {
    name: 'rsa-private-key',
    clause: 'keys/private',
    title: 'A private RSA key signs after the login of a user, and never leaves the chip.',
    steps: [
      { do: 'session', on: 'a' },
      login('administrator'),
      {
        do: 'call',
        on: 'a',
        command: 'importKey',
        fields: { application, material: { fields: knownRsaKey } },
        save: { key: 'key' },
        withinMs,
      },
      login('user'),
      sign({ message }, signature),
      {
        do: 'call',
        on: 'a',
        command: 'exportKey',
        fields: { application, key, recipient: { bytes: 32 } },
        error: 'ON_CHIP_UNAVAILABLE',
      },
      { do: 'call', on: 'a', command: 'logout', fields: { application } },
      sign({ message }, { error: 'LOGIN_REQUIRED' }),
      login('administrator'),
      { do: 'call', on: 'a', command: 'deleteKey', fields: { application, key } },
      sign({ message }, { error: 'KEY_NOT_FOUND' }),
    ],
  },
] satisfies readonly Case[];
