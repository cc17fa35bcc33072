import type { ErrorCode } from '../../errors.ts';
import type { Case, Step } from '../case.ts';
import type { Bytes, Value } from '../step-data.ts';

/** CMAC with AES-128 (NIST SP 800-38B appendix D.1): the message is the beginning of this. */
const cmacKey = '2b7e151628aed2a6abf7158809cf4f3c';
const cmacMessage =
  '6bc1bee22e409f96e93d7e117393172a ae2d8a571e03ac9c9eb76fac45af8e51 30c81c46a35ce411e5fbc1191a0a52ef f69f2445df4f9b17ad2b417be66c3710';
const cmacs = [
  { bytes: 0, mac: 'bb1d6929e95937287fa37d129b756746' },
  { bytes: 16, mac: '070a16b46b4d4144f79bdd9dd04a287c' },
  { bytes: 40, mac: 'dfa66747de9ae63030ca32611497c827' },
  { bytes: 64, mac: '51f0bebf7e3b9d92fc49741779363cfe' },
] as const;

/** RFC 4231 §4.3. */
const hmacKey = '4a656665';
const hmacMessage = { hex: '7768617420646f2079612077616e7420666f72206e6f7468696e673f' };
const hmacs = [
  {
    algorithm: 'hmacSha256',
    mac: '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
  },
  {
    algorithm: 'hmacSha384',
    mac: 'af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649',
  },
  {
    algorithm: 'hmacSha512',
    mac: '164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737',
  },
] as const;

/** RFC 5869 appendix A.1. */
const derivation = {
  hash: 'sha256',
  salt: { hex: '000102030405060708090a0b0c' },
  info: { hex: 'f0f1f2f3f4f5f6f7f8f9' },
} as const;
const derivationKey = '0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b';
const derived =
  '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865';

function load(type: string, key: string, save = 'key'): Step {
  const material = { fields: { type, key: { hex: key } } };
  return { do: 'call', on: 'a', command: 'loadKey', fields: { material }, save: { key: save } };
}

function call(
  command: string,
  fields: Readonly<Record<string, Value>>,
  outcome: { readonly result?: Readonly<Record<string, Bytes>>; readonly error?: ErrorCode },
): Step {
  return { do: 'call', on: 'a', command, fields, ...outcome };
}

const key = { saved: 'key' };
const stream = { saved: 'stream' };

/** The same MAC by a stream that gets the message in two parts. */
function streamed(algorithm: string, first: Bytes, second: Bytes, mac: string): Step[] {
  return [
    {
      ...{ do: 'call', on: 'a', command: 'macBegin', fields: { key, algorithm } },
      save: { stream: 'stream' },
    },
    call('streamUpdate', { stream, data: first }, { result: { data: { hex: '' } } }),
    call('streamFinish', { stream, data: second }, { result: { data: { hex: mac } } }),
  ];
}

/** Authentication and derivation with keys of the chip. */
export const macCases: readonly Case[] = [
  {
    name: 'cmac-known-answers',
    clause: 'commands/mac',
    title: 'CMAC gives the answers of NIST SP 800-38B, in one message and by a stream.',
    steps: [
      { do: 'session', on: 'a' },
      load('aes128', cmacKey),
      ...cmacs.flatMap(({ bytes, mac }): Step[] => {
        const message = cmacMessage.replaceAll(' ', '').slice(0, 2 * bytes);
        return [
          call(
            'macCompute',
            { key, algorithm: 'cmac', data: { hex: message } },
            { result: { mac: { hex: mac } } },
          ),
          ...[0, 7, 16, 33].flatMap((cut) =>
            streamed(
              'cmac',
              { hex: message.slice(0, 2 * cut) },
              { hex: message.slice(2 * cut) },
              mac,
            ),
          ),
        ];
      }),
    ],
  },
  {
    name: 'hmac-known-answers',
    clause: 'commands/mac',
    title: 'HMAC gives the answers of RFC 4231, in one message and by a stream.',
    steps: [
      { do: 'session', on: 'a' },
      load('secret', hmacKey),
      ...hmacs.flatMap(({ algorithm, mac }): Step[] => [
        call(
          'macCompute',
          { key, algorithm, data: hmacMessage },
          { result: { mac: { hex: mac } } },
        ),
        ...streamed(algorithm, hmacMessage, { hex: '' }, mac),
      ]),
    ],
  },
  {
    name: 'hkdf-known-answers',
    clause: 'commands/mac',
    title: 'HKDF gives the answer of RFC 5869; a key made by it is the same bytes, on the chip.',
    steps: [
      { do: 'session', on: 'a' },
      load('secret', derivationKey),
      call('hkdf', { key, ...derivation, count: 42 }, { result: { data: { hex: derived } } }),
      load('aes256', derived.slice(0, 64), 'same'),
      {
        ...{ do: 'call', on: 'a', command: 'hkdfKey' },
        fields: { key, ...derivation, type: 'aes256' },
        save: { key: 'derived' },
      },
      {
        ...{ do: 'call', on: 'a', command: 'macCompute' },
        fields: { key: { saved: 'same' }, algorithm: 'cmac', data: { bytes: 50 } },
        save: { mac: 'mac' },
      },
      call(
        'macCompute',
        { key: { saved: 'derived' }, algorithm: 'cmac', data: { bytes: 50 } },
        { result: { mac: { saved: 'mac' } } },
      ),
    ],
  },
  {
    name: 'mac-arguments',
    clause: 'commands/mac',
    title: 'A key of another kind, too many bytes and unknown keys are refused.',
    steps: [
      { do: 'session', on: 'a' },
      load('secret', hmacKey),
      load('aes128', cmacKey, 'aes'),
      ...['macCompute', 'macBegin'].flatMap((command): Step[] => {
        const data = command === 'macCompute' ? { data: { bytes: 4 } } : {};
        const error = (number: Value, algorithm: string, code: ErrorCode) =>
          call(command, { key: number, algorithm, ...data }, { error: code });
        return [
          error(key, 'cmac', 'INVALID_ARGUMENT'),
          error({ saved: 'aes' }, 'hmacSha256', 'INVALID_ARGUMENT'),
          error(1, 'hmacSha512', 'INVALID_ARGUMENT'),
          error(2, 'cmac', 'KEY_NOT_FOUND'),
        ];
      }),
      call('hkdf', { key: 1, hash: 'sha256', count: 16 }, { error: 'INVALID_ARGUMENT' }),
      call('hkdf', { key: 0, hash: 'sha256', count: 16 }, { error: 'KEY_NOT_FOUND' }),
      // 255 times the hash is all there is (RFC 5869 §2.3), but the schema ends there too.
      call('hkdfKey', { key, hash: 'sha256', type: 'rsa2048' }, { error: 'INVALID_ARGUMENT' }),
      call('hkdfKey', { key, hash: 'sha256', type: 'p256' }, { error: 'INVALID_ARGUMENT' }),
      { do: 'echo', on: 'a' },
    ],
  },
];
