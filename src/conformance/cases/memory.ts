import type { Case } from '../case.ts';
import { login, read, touch, write } from './partition-steps.ts';

/** The memory, and what the dongle tells of itself. */
export const memoryCases = [
  {
    name: 'describe',
    clause: 'commands/describe',
    title: 'describe tells what there is room for.',
    steps: [
      { do: 'session', on: 'a' },
      {
        do: 'call',
        on: 'a',
        command: 'describe',
        result: {
          memoryBytes: { from: 4096, to: 65_536 },
          keys: { from: 1, to: 255 },
          licenses: { from: 0, to: 255 },
        },
      },
    ],
  },
  {
    name: 'memory-holds',
    clause: 'memory/areas',
    title: 'What is written is read by every session with a login, and after a power cut.',
    steps: [
      { do: 'session', on: 'a' },
      { do: 'session', on: 'b' },
      login('a', 'user'),
      login('b', 'user'),
      write('a', 0, { bytes: 1024 }),
      read('b', 0, 1024, { data: { bytes: 1024 } }),
      // Across the border of two blocks; what lies beside stays.
      write('a', 500, { hex: 'ffeeddccbbaa99887766554433221100' }),
      read('b', 510, 4, { data: { hex: '55443322' } }),
      { do: 'unplug' },
      { do: 'plug' },
      { do: 'session', on: 'a' },
      login('a', 'user'),
      read('a', 499, 18, { data: { hex: '75 ffeeddccbbaa99887766554433221100 8b' } }),
      write('a', 0, { hex: '00'.repeat(1024) }),
      read('a', 0, 1024, { data: { hex: '00'.repeat(1024) } }),
      write('a', 1023, { hex: '' }),
    ],
  },
  {
    name: 'memory-bounds',
    clause: 'memory/areas',
    title: 'Nothing is read or written beyond an area, and the next good request works.',
    steps: [
      { do: 'session', on: 'a' },
      login('a', 'administrator'),
      read('a', 65_535, 2, 'INVALID_ARGUMENT'),
      read('a', 1, 65_536, 'INVALID_ARGUMENT'),
      write('a', 65_535, { hex: '0102' }, 'INVALID_ARGUMENT'),
      // 4,097 bytes, and an area that there is not.
      {
        do: 'call',
        on: 'a',
        plaintext: { hex: `44 a4 01 1864 02 01 03 00 04 59 1001 ${'00'.repeat(4097)}` },
        error: 'MALFORMED_REQUEST',
      },
      {
        do: 'call',
        on: 'a',
        plaintext: { hex: '44 a4 01 1864 02 04 03 00 04 40' },
        error: 'MALFORMED_REQUEST',
      },
      read('a', 0, 0, { data: { length: 0 } }),
      read('a', 0, 16),
    ],
  },
  {
    name: 'memory-roles',
    clause: 'memory/areas',
    title: 'The user reads RAM1 and RAM2 and writes RAM1; the administrator does all.',
    steps: [
      { do: 'session', on: 'a' },
      login('a', 'user'),
      touch('a', 'readMemory', 'ram1'),
      touch('a', 'writeMemory', 'ram1'),
      touch('a', 'readMemory', 'ram2'),
      touch('a', 'writeMemory', 'ram2', 'LOGIN_REQUIRED'),
      touch('a', 'readMemory', 'ram3', 'LOGIN_REQUIRED'),
      touch('a', 'writeMemory', 'ram3', 'LOGIN_REQUIRED'),
      login('a', 'administrator'),
      ...(['ram1', 'ram2', 'ram3'] as const).flatMap((area) => [
        touch('a', 'readMemory', area),
        touch('a', 'writeMemory', area),
      ]),
    ],
  },
] satisfies readonly Case[];
