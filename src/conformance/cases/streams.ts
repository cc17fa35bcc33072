import type { ErrorCode } from '../../errors.ts';
import type { Case, Step } from '../case.ts';
import type { Bytes, Value } from '../step-data.ts';

const iv16 = { hex: '000102030405060708090a0b0c0d0e0f' };
const iv12 = { hex: '000102030405060708090a0b' };
const noIv = { hex: '' };

/** More than a stream is likely to hold back. */
const data = { bytes: 240, seed: 4 };

function begin(
  on: string,
  setup: Readonly<Record<string, Value>>,
  outcome: { readonly save?: string; readonly error?: ErrorCode } = {},
): Step {
  const { save = 'stream', error } = outcome;
  return {
    ...{ do: 'call', on, command: 'aesBegin', fields: { key: 1, ...setup } },
    ...(error === undefined ? { save: { stream: save } } : { error }),
  };
}

function call(
  on: string,
  command: string,
  fields: Readonly<Record<string, Value>>,
  outcome: { readonly data: Bytes } | { readonly error: ErrorCode },
): Step {
  return {
    ...{ do: 'call', on, command, fields },
    ...('error' in outcome ? { error: outcome.error } : { result: { data: outcome.data } }),
  };
}

const stream = { saved: 'stream' };
const nothing = { data: { hex: '' } };

/** A stream in one mode: what comes out is what one piece gives, however it is cut. */
function modeCase(
  mode: 'ecb' | 'cbc' | 'ctr' | 'cfb',
  iv: typeof noIv | typeof iv16,
  cuts: readonly [number, number],
): Case {
  const [first, second] = cuts;
  const piece = (name: string, from: number, to: number) => ({
    saved: name,
    slice: [from, to] as const,
  });
  const oneWay = (direction: 'encrypt' | 'decrypt', from: string, to: string): Step[] => [
    begin('a', { mode, iv, direction }),
    call(
      'a',
      'streamUpdate',
      { stream, data: piece(from, 0, first) },
      { data: piece(to, 0, first) },
    ),
    call('a', 'streamUpdate', { stream, data: { hex: '' } }, nothing),
    call(
      'a',
      'streamUpdate',
      { stream, data: piece(from, first, second) },
      { data: piece(to, first, second) },
    ),
    call(
      'a',
      'streamFinish',
      { stream, data: piece(from, second, data.bytes) },
      { data: piece(to, second, data.bytes) },
    ),
  ];
  return {
    name: `streams-${mode}`,
    clause: 'commands/streams',
    title: `A stream in ${mode.toUpperCase()} gives what one message gives, both ways.`,
    steps: [
      { do: 'session', on: 'a' },
      // What is sent is kept too, so that its parts can be named.
      {
        ...{ do: 'call', on: 'a', command: 'echo', fields: { data } },
        save: { data: 'plaintext' },
      },
      {
        ...{ do: 'call', on: 'a', command: 'aesEncrypt' },
        fields: { key: 1, mode, iv, data },
        save: { data: 'ciphertext' },
      },
      ...oneWay('encrypt', 'plaintext', 'ciphertext'),
      ...oneWay('decrypt', 'ciphertext', 'plaintext'),
    ],
  };
}

/** Operations longer than a message. */
export const streamCases: readonly Case[] = [
  modeCase('ecb', noIv, [32, 160]),
  modeCase('cbc', iv16, [16, 208]),
  modeCase('ctr', iv16, [1, 100]),
  modeCase('cfb', iv16, [15, 33]),
  {
    name: 'streams-gcm',
    clause: 'commands/streams',
    title: 'A stream in GCM ends with the tag; none decrypts, as nothing is authenticated yet.',
    steps: [
      { do: 'session', on: 'a' },
      {
        ...{ do: 'call', on: 'a', command: 'aesEncrypt' },
        fields: { key: 1, mode: 'gcm', iv: iv12, ad: { bytes: 9 }, data },
        result: { data: { length: 256 } },
        save: { data: 'sealed' },
      },
      begin('a', { mode: 'gcm', iv: iv12, ad: { bytes: 9 }, direction: 'encrypt' }),
      call('a', 'streamUpdate', { stream, data }, { data: { saved: 'sealed', slice: [0, 240] } }),
      call('a', 'streamFinish', { stream }, { data: { saved: 'sealed', slice: [240, 256] } }),
      begin(
        'a',
        { mode: 'gcm', iv: iv12, ad: { bytes: 9 }, direction: 'decrypt' },
        { error: 'INVALID_ARGUMENT' },
      ),
    ],
  },
  {
    name: 'streams-arguments',
    clause: 'commands/streams',
    title: 'A stream in CBC refuses half a block and goes on; one that is over is not found.',
    steps: [
      { do: 'session', on: 'a' },
      begin('a', { mode: 'cbc', iv: iv12, direction: 'encrypt' }, { error: 'INVALID_ARGUMENT' }),
      begin('a', { mode: 'ecb', iv: iv16, direction: 'encrypt' }, { error: 'INVALID_ARGUMENT' }),
      begin('a', { mode: 'gcm', iv: noIv, direction: 'encrypt' }, { error: 'INVALID_ARGUMENT' }),
      begin(
        'a',
        { mode: 'ctr', iv: iv16, ad: { bytes: 1 }, direction: 'encrypt' },
        { error: 'INVALID_ARGUMENT' },
      ),
      begin(
        'a',
        { key: 2, mode: 'ctr', iv: iv16, direction: 'encrypt' },
        { error: 'KEY_NOT_FOUND' },
      ),
      begin('a', { mode: 'cbc', iv: iv16, direction: 'encrypt' }),
      call('a', 'streamUpdate', { stream, data: { bytes: 8 } }, { error: 'INVALID_ARGUMENT' }),
      call('a', 'streamFinish', { stream, data: { bytes: 8 } }, { error: 'INVALID_ARGUMENT' }),
      {
        ...{ do: 'call', on: 'a', command: 'streamUpdate' },
        fields: { stream, data: { bytes: 16 } },
        result: { data: { length: 16 } },
      },
      call('a', 'streamFinish', { stream }, nothing),
      call('a', 'streamFinish', { stream }, { error: 'STREAM_NOT_FOUND' }),
      call('a', 'streamUpdate', { stream, data: { bytes: 16 } }, { error: 'STREAM_NOT_FOUND' }),
    ],
  },
  {
    name: 'streams-belong-to-sessions',
    clause: 'commands/streams',
    title: 'Streams go on side by side, each in its own session alone, and go with it.',
    steps: [
      { do: 'session', on: 'a' },
      { do: 'session', on: 'b' },
      begin('a', { mode: 'ctr', iv: iv16, direction: 'encrypt' }, { save: 'first' }),
      begin('a', { mode: 'ctr', iv: iv16, direction: 'encrypt' }, { save: 'second' }),
      {
        ...{ do: 'call', on: 'a', command: 'streamUpdate' },
        fields: { stream: { saved: 'first' }, data },
        save: { data: 'ciphertext' },
      },
      call(
        'b',
        'streamUpdate',
        { stream: { saved: 'second' }, data },
        { error: 'STREAM_NOT_FOUND' },
      ),
      call('b', 'streamFinish', { stream: { saved: 'second' } }, { error: 'STREAM_NOT_FOUND' }),
      call(
        'a',
        'streamUpdate',
        { stream: { saved: 'second' }, data },
        { data: { saved: 'ciphertext' } },
      ),
      { do: 'call', on: 'a', command: 'end' },
      { do: 'session', on: 'c' },
      call(
        'c',
        'streamUpdate',
        { stream: { saved: 'first' }, data },
        { error: 'STREAM_NOT_FOUND' },
      ),
    ],
  },
  {
    name: 'streams-limit',
    clause: 'commands/streams',
    title: 'There are eight streams, over all sessions; those of a session that ends make room.',
    steps: [
      { do: 'session', on: 'a' },
      { do: 'session', on: 'b' },
      {
        do: 'repeat',
        times: 8,
        steps: [begin('a', { mode: 'ctr', iv: iv16, direction: 'encrypt' }, { save: 'stream-#' })],
      },
      begin('a', { mode: 'ctr', iv: iv16, direction: 'encrypt' }, { error: 'NO_SPACE' }),
      begin('b', { mode: 'ctr', iv: iv16, direction: 'encrypt' }, { error: 'NO_SPACE' }),
      call('a', 'streamFinish', { stream: { saved: 'stream-3' } }, nothing),
      begin('b', { mode: 'ctr', iv: iv16, direction: 'encrypt' }),
      { do: 'call', on: 'a', command: 'end' },
      {
        do: 'repeat',
        times: 7,
        steps: [begin('b', { mode: 'ctr', iv: iv16, direction: 'encrypt' }, { save: 'stream-#' })],
      },
      begin('b', { mode: 'ctr', iv: iv16, direction: 'encrypt' }, { error: 'NO_SPACE' }),
    ],
  },
];
