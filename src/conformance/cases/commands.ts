import type { Case } from '../case.ts';

/** Requests and replies, and the commands that are done at once, but for AES. */
export const commandCases = [
  {
    name: 'echo',
    clause: 'commands/echo',
    title: 'echo returns its data: none, some, and as much as a record holds.',
    steps: [
      { do: 'session', on: 'a' },
      {
        do: 'call',
        on: 'a',
        plaintext: { hex: '01 a1 01 43 010203' },
        withinMs: 10,
        result: { data: { hex: '010203' } },
      },
      { do: 'call', on: 'a', command: 'echo', fields: { data: { bytes: 0 } } },
      {
        do: 'request',
        on: 'a',
        command: 'echo',
        // Before the data stand status, map, key and three bytes of its length.
        fields: { data: { largest: true, less: 6 } },
      },
      { do: 'reply', on: 'a', result: { data: { largest: true, less: 6 } } },
    ],
  },
  {
    name: 'random',
    clause: 'commands/random',
    title: 'random returns as many bytes as asked for, different each time.',
    steps: [
      { do: 'session', on: 'a' },
      { do: 'request', on: 'a', command: 'random', fields: { count: 0 } },
      { do: 'reply', on: 'a', result: { data: { length: 0 } } },
      { do: 'request', on: 'a', command: 'random', fields: { count: 32 } },
      { do: 'reply', on: 'a', result: { data: { length: 32 } }, save: { data: 'drawn' } },
      { do: 'request', on: 'a', command: 'random', fields: { count: 32 } },
      { do: 'reply', on: 'a', result: { data: { unlike: 'drawn' } } },
      { do: 'request', on: 'a', command: 'random', fields: { count: 7000 } },
      { do: 'reply', on: 'a', result: { data: { length: 7000 } } },
    ],
  },
  {
    name: 'answer-too-large',
    clause: 'commands/envelope',
    title: 'A request whose answer exceeds a record is refused, and the next good one works.',
    steps: [
      { do: 'session', on: 'a' },
      { do: 'request', on: 'a', command: 'random', fields: { count: 65_401 } },
      { do: 'reply', on: 'a', error: 'REQUEST_TOO_LARGE' },
      { do: 'echo', on: 'a' },
    ],
  },
  {
    name: 'sealed-wink',
    clause: 'commands/wink',
    title: 'wink replies a success without fields.',
    steps: [
      { do: 'session', on: 'a' },
      { do: 'call', on: 'a', command: 'wink', withinMs: 10 },
      { do: 'request', on: 'a', plaintext: { hex: '03' } },
      { do: 'reply', on: 'a', replyBytes: { hex: '00' } },
    ],
  },
  {
    name: 'end',
    clause: 'commands/end',
    title: 'end is answered and ends the session at once; its channel can have another.',
    steps: [
      { do: 'session', on: 'a' },
      { do: 'session', on: 'b' },
      { do: 'call', on: 'a', command: 'end', withinMs: 10 },
      { do: 'request', on: 'a', command: 'echo', fields: { data: { bytes: 8 } } },
      { do: 'refused', on: 'a', error: 'NO_SESSION' },
      { do: 'again', on: 'a', back: 1 },
      { do: 'refused', on: 'a', error: 'NO_SESSION' },
      { do: 'echo', on: 'b' },
      { do: 'hello', on: 'a' },
      { do: 'session', on: 'a' },
      { do: 'echo', on: 'a' },
    ],
  },
  {
    name: 'unknown-command',
    clause: 'commands/envelope',
    title: 'An unknown command is refused, and the next good one works.',
    steps: [
      { do: 'session', on: 'a' },
      { do: 'call', on: 'a', plaintext: { hex: '7e' }, error: 'UNKNOWN_COMMAND' },
      { do: 'call', on: 'a', plaintext: { hex: '00 a1 01 41 00' }, error: 'UNKNOWN_COMMAND' },
      { do: 'echo', on: 'a' },
    ],
  },
  {
    name: 'not-one-request',
    clause: 'commands/envelope',
    title: 'Nothing at all, bytes behind the request and a request cut short are malformed.',
    steps: [
      { do: 'session', on: 'a' },
      { do: 'call', on: 'a', plaintext: { hex: '' }, error: 'MALFORMED_REQUEST' },
      { do: 'echo', on: 'a' },
      { do: 'call', on: 'a', plaintext: { hex: '01a1014100ff' }, error: 'MALFORMED_REQUEST' },
      { do: 'echo', on: 'a' },
      { do: 'call', on: 'a', plaintext: { hex: '01a101430000' }, error: 'MALFORMED_REQUEST' },
      { do: 'echo', on: 'a' },
      { do: 'call', on: 'a', plaintext: { hex: '01a1015affffffff' }, error: 'MALFORMED_REQUEST' },
      { do: 'echo', on: 'a' },
    ],
  },
  {
    name: 'not-deterministic',
    clause: 'commands/envelope',
    title: 'A request in any but its one encoding is malformed (RFC 8949 §4.2.1).',
    steps: [
      { do: 'session', on: 'a' },
      // A length, then a key, longer than they need be.
      { do: 'call', on: 'a', plaintext: { hex: '01a101580100' }, error: 'MALFORMED_REQUEST' },
      { do: 'call', on: 'a', plaintext: { hex: '01a118014100' }, error: 'MALFORMED_REQUEST' },
      // Indefinite lengths.
      { do: 'call', on: 'a', plaintext: { hex: '01bf014100ff' }, error: 'MALFORMED_REQUEST' },
      { do: 'call', on: 'a', plaintext: { hex: '01a1015f4100ff' }, error: 'MALFORMED_REQUEST' },
      // An empty map that is spelled out.
      { do: 'call', on: 'a', plaintext: { hex: '03a0' }, error: 'MALFORMED_REQUEST' },
      { do: 'echo', on: 'a' },
    ],
  },
  {
    name: 'wrong-fields',
    clause: 'commands/envelope',
    title: 'A request with a key twice, an unknown or missing one, or a wrong type is malformed.',
    steps: [
      { do: 'session', on: 'a' },
      { do: 'call', on: 'a', plaintext: { hex: '01a2014100014100' }, error: 'MALFORMED_REQUEST' },
      { do: 'call', on: 'a', plaintext: { hex: '01a20141000200' }, error: 'MALFORMED_REQUEST' },
      { do: 'call', on: 'a', plaintext: { hex: '01' }, error: 'MALFORMED_REQUEST' },
      { do: 'call', on: 'a', plaintext: { hex: '01a1024100' }, error: 'MALFORMED_REQUEST' },
      { do: 'call', on: 'a', plaintext: { hex: '01a1016161' }, error: 'MALFORMED_REQUEST' },
      { do: 'call', on: 'a', plaintext: { hex: '01a101c04100' }, error: 'MALFORMED_REQUEST' },
      { do: 'call', on: 'a', plaintext: { hex: '018100' }, error: 'MALFORMED_REQUEST' },
      { do: 'call', on: 'a', plaintext: { hex: '02a10120' }, error: 'MALFORMED_REQUEST' },
      { do: 'echo', on: 'a' },
    ],
  },
] satisfies readonly Case[];
