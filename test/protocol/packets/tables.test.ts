import { describe, expect, test } from 'vitest';
import { type ErrorCode, errorTable } from '../../../src/errors.ts';
import {
  answerLengths,
  continuationPacketFields,
  initAnswerFields,
  initPacketFields,
  isRecordCommand,
  type PacketField,
  packetCommands,
  packetErrorCode,
  packetErrors,
  recordCommand,
  recordCounterBits,
  requestLengths,
} from '../../../src/protocol/packets/index.ts';

describe('commands', () => {
  test('no two occupy one code', () => {
    const codes = Object.values(packetCommands).flatMap((command) => {
      const last = 'lastCode' in command ? command.lastCode : command.code;
      return Array.from({ length: last - command.code + 1 }, (_, i) => command.code + i);
    });
    expect(new Set(codes).size).toBe(codes.length);
    expect(Math.max(...codes)).toBe(0x7f);
  });

  test('have the codes of the standard', () => {
    const codes = Object.entries(packetCommands).map(([name, { code }]) => [name, code]);
    expect(Object.fromEntries(codes)).toEqual({
      PING: 0x01,
      LOCK: 0x04,
      INIT: 0x06,
      WINK: 0x08,
      CANCEL: 0x11,
      KEEPALIVE: 0x3b,
      ERROR: 0x3f,
      HELLO: 0x40,
      HANDSHAKE: 0x41,
      RECORD: 0x60,
    });
  });

  test.each([
    ['a request', requestLengths, 0x3b],
    ['a request', requestLengths, 0x3f],
    ['a request', requestLengths, 0x42],
    ['a request', requestLengths, 0x5f],
    ['an answer', answerLengths, 0x11],
    ['an answer', answerLengths, 0x03],
  ])('as %s (%o), %i is unknown', (_, lengths, code) => {
    expect(lengths(code)).toBeUndefined();
  });

  test('a record’s code carries the low five bits of its counter', () => {
    for (const counter of [0, 1, 31, 32, 33, 65_535, 2 ** 32 + 5, 2 ** 53 - 1]) {
      const code = recordCommand(counter);
      expect(isRecordCommand(code)).toBe(true);
      expect(recordCounterBits(code)).toBe(Number(BigInt(counter) & 31n));
      expect(requestLengths(code)).toBeDefined();
    }
    expect(isRecordCommand(0x5f)).toBe(false);
    expect(isRecordCommand(0x80)).toBe(false);
  });
});

describe('errors', () => {
  test('each byte has the name it stands for', () => {
    for (const [name, byte] of Object.entries(packetErrors)) {
      expect(packetErrorCode(byte)).toBe(name);
      expect(errorTable[name as ErrorCode]).toBeDefined();
    }
  });

  test.each([0x00, 0x07, 0x7e, 0x80, 0xff])('byte %i is OTHER', (byte) => {
    expect(packetErrorCode(byte)).toBe('OTHER');
  });
});

test.each<[string, Record<string, PacketField>]>([
  ['init packet', initPacketFields],
  ['continuation packet', continuationPacketFields],
  ['INIT answer', initAnswerFields],
])('the fields of an %s follow each other without a gap', (_, fields) => {
  let end: number | 'rest' = 0;
  for (const field of Object.values(fields)) {
    expect(field.offset).toBe(end);
    end = field.bytes === 'rest' ? 'rest' : field.offset + field.bytes;
  }
});
