import { expect, test } from 'vitest';
import { cutIntoPackets, longestMessage, RawHost } from '../../src/conformance/raw-host.ts';
import { patternBytes } from '../../src/conformance/values.ts';
import { VirtualClock } from '../../src/emulator/index.ts';
import type { LinkListener } from '../../src/link.ts';

const PING = 0x01;

/** A raw host, and what makes it hear packets. */
async function listening() {
  let listener: LinkListener | undefined;
  const host = await RawHost.open(
    {
      face: 'hid',
      async open(given) {
        listener = given;
        return {
          face: 'hid',
          packetBytes: 64,
          headroomBytes: 0,
          send: async () => {},
          close: async () => {},
        };
      },
    },
    new VirtualClock(),
  );
  const hear = (packets: readonly Uint8Array[]) => {
    for (const buffer of packets) {
      listener?.packets({ buffer, offset: 0, stride: 64, packetBytes: 64, count: 1 });
    }
  };
  return { host, hear };
}

test('knows the largest messages of the standard', () => {
  expect(longestMessage(64)).toBe(7609);
  expect(longestMessage(512)).toBe(65_401);
});

test.each([0, 1, 57, 58, 1000, 7609])('joins a message of %i bytes', async (length) => {
  const { host, hear } = await listening();
  hear(cutIntoPackets(64, 0xcafe_0001, PING, patternBytes(length)));
  expect(host.inbox(0xcafe_0001).messages).toMatchObject([
    { command: PING, payload: patternBytes(length) },
  ]);
  expect(host.faults).toEqual([]);
});

test('joins messages of interleaved channels', async () => {
  const { host, hear } = await listening();
  const one = cutIntoPackets(64, 1, PING, patternBytes(100, 1));
  const two = cutIntoPackets(64, 2, PING, patternBytes(100, 2));
  hear([one[0], two[0], two[1], one[1]] as Uint8Array[]);
  expect(host.inbox(1).messages).toMatchObject([{ payload: patternBytes(100, 1) }]);
  expect(host.inbox(2).messages).toMatchObject([{ payload: patternBytes(100, 2) }]);
});

test('finds fault with a packet out of sequence, a stray one and one cut short', async () => {
  const { host, hear } = await listening();
  const packets = cutIntoPackets(64, 1, PING, patternBytes(200));
  hear([packets[0], packets[2], packets[0]] as Uint8Array[]);
  hear(cutIntoPackets(64, 2, PING, patternBytes(100)).slice(1));
  expect(host.faults).toHaveLength(3);
});

test('finds fault with bytes behind the end of a message', async () => {
  const { host, hear } = await listening();
  const [packet] = cutIntoPackets(64, 1, PING, patternBytes(4)) as [Uint8Array];
  packet[63] = 1;
  hear([packet]);
  expect(host.faults).toHaveLength(1);
});
