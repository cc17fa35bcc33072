import { describe, expect, test } from 'vitest';
import { toHex } from '../../../src/bytes.ts';
import {
  type ChannelId,
  largestMessage,
  packetCount,
  writePackets,
} from '../../../src/protocol/packets/index.ts';
import { expectPacket, message, pattern } from './wire.ts';

const channel = 0x12345678 as ChannelId;

describe('sizes', () => {
  test.each([
    [64, 7_609],
    [512, 65_401],
    [1_024, 65_535],
  ])('the largest message in packets of %i bytes has %i', (packetBytes, bytes) => {
    expect(largestMessage(packetBytes)).toBe(bytes);
  });

  test.each([
    [0, 64, 1],
    [57, 64, 1],
    [58, 64, 2],
    [116, 64, 2],
    [117, 64, 3],
    [7_609, 64, 129],
    [505, 512, 1],
    [506, 512, 2],
    [65_401, 512, 129],
  ])('%i bytes in packets of %i take %i', (bytes, packetBytes, count) => {
    expect(packetCount(bytes, packetBytes)).toBe(count);
  });
});

describe('writePackets', () => {
  test('writes an empty message (golden)', () => {
    const out = new Uint8Array(64).fill(0xaa);
    expect(writePackets(out, 0, 64, 64, channel, 0x08, new Uint8Array(0))).toBe(1);
    expectPacket(out, '12345678 88 0000');
  });

  test('writes one packet (golden)', () => {
    const out = new Uint8Array(64).fill(0xaa);
    expect(writePackets(out, 0, 64, 64, channel, 0x01, Uint8Array.of(1, 2, 3))).toBe(1);
    expectPacket(out, '12345678 81 0003 010203');
  });

  test('writes three packets (golden)', () => {
    const out = new Uint8Array(3 * 64).fill(0xaa);
    const payload = Uint8Array.from({ length: 120 }, (_, i) => i);
    expect(writePackets(out, 0, 64, 64, 0xfedcba98 as ChannelId, 0x7f, payload)).toBe(3);
    expectPacket(
      out.subarray(0, 64),
      `fedcba98 ff 0078 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f
       202122232425262728292a2b2c2d2e2f303132333435363738`.replaceAll(/\s/g, ''),
    );
    expectPacket(
      out.subarray(64, 128),
      `fedcba98 00 393a3b3c3d3e3f404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c
       5d5e5f606162636465666768696a6b6c6d6e6f70717273`.replaceAll(/\s/g, ''),
    );
    expectPacket(out.subarray(128), 'fedcba98 01 74757677');
  });

  for (const packetBytes of [64, 512]) {
    for (const headroom of [0, 1, 9]) {
      test(`splits every length in packets of ${packetBytes} with ${headroom} bytes between`, () => {
        const stride = packetBytes + headroom;
        const largest = largestMessage(packetBytes);
        const step = packetBytes === 64 ? 13 : 1_777;
        for (let length = 0; length <= largest; length += length < 700 ? 1 : step) {
          checkSplit(pattern(length), packetBytes, stride);
        }
        checkSplit(pattern(largest), packetBytes, stride);
      });
    }
  }

  test('leaves the bytes around its packets alone', () => {
    const out = new Uint8Array(10 + 2 * 70).fill(0xaa);
    writePackets(out, 10, 70, 64, channel, 1, pattern(80));
    expect(toHex(out.subarray(0, 10))).toBe('aa'.repeat(10));
    expect(toHex(out.subarray(74, 80))).toBe('00'.repeat(6));
    expect(toHex(out.subarray(144))).toBe('aa'.repeat(6));
  });

  test('takes a payload that lies in its own output', () => {
    const out = new Uint8Array(4 * 64);
    out.set(pattern(150), 60);
    writePackets(out, 0, 64, 64, channel, 1, out.subarray(60, 210));
    expect(toHex(out.subarray(0, 192))).toBe(message(channel, 1, pattern(150)).map(toHex).join(''));
  });

  test.each([
    ['a payload beyond the largest message', () => write(9_000, 7_610, 64)],
    ['an output that is too small', () => write(127, 58, 64)],
    ['packets that overlap', () => write(9_000, 58, 63)],
  ])('throws a RangeError for %s', (_, act) => {
    expect(act).toThrow(RangeError);
  });
});

function write(outBytes: number, payloadBytes: number, stride: number): void {
  writePackets(new Uint8Array(outBytes), 0, stride, 64, channel, 1, new Uint8Array(payloadBytes));
}

function checkSplit(payload: Uint8Array, packetBytes: number, stride: number): void {
  const expected = message(channel, 0x41, payload, packetBytes);
  const gap = stride - packetBytes;
  const out = new Uint8Array(gap + expected.length * stride).fill(0xaa);
  const count = writePackets(out, gap, stride, packetBytes, channel, 0x41, payload);
  const same =
    count === expected.length &&
    expected.every((packet, i) => {
      const at = gap + i * stride;
      return Buffer.compare(out.subarray(at, at + packetBytes), packet) === 0;
    });
  if (!same) expect.fail(`${payload.length} bytes are not split as they should be`);
}
