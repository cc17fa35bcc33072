import { describe, expect, test } from 'vitest';
import { toHex } from '../../../src/bytes.ts';
import {
  broadcastChannel,
  type ChannelId,
  type DeviceEvent,
  type DevicePackets,
  packetCommands,
} from '../../../src/protocol/packets/index.ts';
import {
  batchFor,
  errorAnswer,
  expectPacket,
  feed,
  first,
  makeDevice,
  message,
  next,
  nonce,
  openChannel,
  packetsOf,
  pattern,
  request,
} from './wire.ts';

const PING = packetCommands.PING.code;
const LOCK = packetCommands.LOCK.code;
const INIT = packetCommands.INIT.code;
const WINK = packetCommands.WINK.code;
const CANCEL = packetCommands.CANCEL.code;
const HELLO = packetCommands.HELLO.code;

function open(device: DevicePackets, count: number): ChannelId[] {
  return Array.from({ length: count }, () => openChannel(device));
}

function lock(channel: number, seconds: number): Uint8Array[] {
  return [first(channel, LOCK, 1, [seconds])];
}

function lockAnswer(channel: ChannelId): DeviceEvent {
  return { kind: 'answer', face: 0, channel, command: LOCK, payload: new Uint8Array(0) };
}

describe('INIT', () => {
  test('gives a channel on the broadcast channel (golden)', () => {
    const device = makeDevice();
    const [event] = feed(device, [first(broadcastChannel, INIT, 8, nonce)]);
    if (event?.kind !== 'answer') throw new Error('no answer');
    const [packet] = packetsOf(batchFor(event));
    expectPacket(packet as Uint8Array, 'ffffffff 86 0011 0102030405060708 c0ffee01 02 010203 09');
    expect(device.faceOf(0xc0ffee01 as ChannelId)).toBe(0);
  });

  test('on a channel answers there with the same id (golden)', () => {
    const device = makeDevice();
    const channel = openChannel(device);
    const [event] = feed(device, [first(channel, INIT, 8, nonce)]);
    if (event?.kind !== 'answer') throw new Error('no answer');
    const [packet] = packetsOf(batchFor(event));
    expectPacket(packet as Uint8Array, 'c0ffee01 86 0011 0102030405060708 c0ffee01 02 010203 09');
  });

  test('in mid-message drops that message and readies the channel', () => {
    const device = makeDevice();
    const channel = openChannel(device);
    const cut = message(channel, PING, pattern(200));
    expect(feed(device, cut.slice(0, 2))).toEqual([]);
    expect(feed(device, [first(channel, INIT, 8, nonce)])).toMatchObject([{ command: INIT }]);
    expect(device.nextDeadlineMs).toBeUndefined();
    expect(feed(device, cut.slice(2))).toEqual([]);
    const payload = pattern(100);
    expect(feed(device, message(channel, PING, payload))).toEqual([
      request(channel, PING, payload),
    ]);
  });

  test('keeps a channel’s pin', () => {
    const device = makeDevice({ channelLimit: 1 });
    const channel = openChannel(device);
    device.pin(channel);
    feed(device, [first(channel, INIT, 8, nonce)]);
    expect(feed(device, [first(broadcastChannel, INIT, 8, nonce)])).toEqual([
      errorAnswer(broadcastChannel, 'CHANNEL_BUSY'),
    ]);
  });

  test('is served while another channel sends, without disturbing it', () => {
    const device = makeDevice();
    const [a, b] = open(device, 2) as [ChannelId, ChannelId];
    const payload = pattern(300);
    const packets = message(a, PING, payload);
    feed(device, packets.slice(0, 3));
    expect(feed(device, [first(b, INIT, 8, nonce)])).toMatchObject([{ channel: b, command: INIT }]);
    expect(feed(device, [first(broadcastChannel, INIT, 8, nonce)])).toMatchObject([
      { channel: broadcastChannel, command: INIT },
    ]);
    expect(feed(device, packets.slice(3))).toEqual([request(a, PING, payload)]);
  });

  test.each([0, 7, 9, 0xffff])('of %i bytes is refused', (length) => {
    const device = makeDevice();
    const channel = openChannel(device);
    for (const id of [broadcastChannel, channel]) {
      expect(feed(device, [first(id, INIT, length, nonce)])).toEqual([
        errorAnswer(id, 'INVALID_LENGTH'),
      ]);
    }
  });

  test('never gives 0, the broadcast id or one that is taken', () => {
    const draws = ['00000000', '00000001', 'ffffffff', 'ffffffff', '00000001'];
    const device = makeDevice({
      channelLimit: 8,
      randomBytes: () => Uint8Array.from(Buffer.from(draws.shift() as string, 'hex')),
    });
    expect(open(device, 5)).toEqual([1, 2, 3, 4, 5]);
  });
});

describe('a message', () => {
  test.each([0, 1, 57, 58, 116, 117, 1_000, 7_609])('of %i bytes arrives whole', (length) => {
    const device = makeDevice();
    const channel = openChannel(device);
    const payload = pattern(length);
    expect(feed(device, message(channel, PING, payload))).toEqual([
      request(channel, PING, payload),
    ]);
    expect(device.nextDeadlineMs).toBeUndefined();
  });

  test('is read at an offset of a larger buffer', () => {
    const device = makeDevice();
    const channel = openChannel(device);
    const buffer = new Uint8Array(200).fill(0xee);
    buffer.set(first(channel, PING, 2, [7, 8]), 100);
    expect(device.receive(0, buffer, 100, 0)).toEqual(request(channel, PING, Uint8Array.of(7, 8)));
  });

  test('may be followed at once by another channel’s', () => {
    const device = makeDevice();
    const [a, b] = open(device, 2) as [ChannelId, ChannelId];
    const packets = [...message(a, PING, pattern(90)), ...message(b, PING, pattern(80))];
    expect(feed(device, packets)).toEqual([
      request(a, PING, pattern(90)),
      request(b, PING, pattern(80)),
    ]);
  });

  test.each([
    ['skipped', 2],
    ['repeated', 0],
    ['far off', 127],
  ])('with a %s packet is dropped with INVALID_SEQUENCE', (_, sequence) => {
    const device = makeDevice();
    const channel = openChannel(device);
    const packets = message(channel, PING, pattern(300));
    feed(device, packets.slice(0, 2));
    expect(feed(device, [next(channel, sequence)])).toEqual([
      errorAnswer(channel, 'INVALID_SEQUENCE'),
    ]);
    expect(feed(device, packets.slice(2))).toEqual([]);
    expect(device.nextDeadlineMs).toBeUndefined();
    expect(feed(device, packets)).toEqual([request(channel, PING, pattern(300))]);
  });

  test('broken off by another init packet of its channel is dropped', () => {
    const device = makeDevice();
    const channel = openChannel(device);
    const packets = message(channel, PING, pattern(300));
    feed(device, packets.slice(0, 2));
    expect(feed(device, [first(channel, PING, 1, [1])])).toEqual([
      errorAnswer(channel, 'INVALID_SEQUENCE'),
    ]);
    expect(feed(device, packets.slice(2))).toEqual([]);
    expect(feed(device, packets)).toHaveLength(1);
  });

  test('longer than the face takes is refused with its first packet', () => {
    const device = makeDevice({ faces: [{ packetBytes: 64, maxMessageBytes: 1_024 }] });
    const channel = openChannel(device);
    for (const length of [1_025, 7_609, 7_610, 0xffff]) {
      expect(feed(device, [first(channel, PING, length)])).toEqual([
        errorAnswer(channel, 'INVALID_LENGTH'),
      ]);
      expect(feed(device, [next(channel, 0)])).toEqual([]);
    }
    expect(feed(device, message(channel, PING, pattern(1_024)))).toHaveLength(1);
  });

  test.each([
    ['WINK', WINK, 1],
    ['CANCEL', CANCEL, 1],
    ['CANCEL', CANCEL, 300],
    ['LOCK', LOCK, 0],
    ['LOCK', LOCK, 2],
  ])('%s (%i) of %i bytes is refused', (_, command, length) => {
    const device = makeDevice();
    const channel = openChannel(device);
    device.pin(channel);
    expect(feed(device, [first(channel, command, length)])).toEqual([
      errorAnswer(channel, 'INVALID_LENGTH'),
    ]);
  });

  test.each([0x00, 0x03, 0x10, 0x3b, 0x3f, 0x42, 0x5f])(
    'with command %i is refused with its first packet',
    (command) => {
      const device = makeDevice();
      const channel = openChannel(device);
      expect(feed(device, message(channel, command, pattern(500)))).toEqual([
        errorAnswer(channel, 'INVALID_COMMAND'),
      ]);
      expect(device.nextDeadlineMs).toBeUndefined();
    },
  );

  test('in a packet that is too short is ignored', () => {
    const device = makeDevice();
    const channel = openChannel(device);
    expect(feed(device, [first(channel, PING, 1).subarray(0, 63), new Uint8Array(0)])).toEqual([]);
  });
});

describe('a message cut short', () => {
  test('times out 400 to 1,000 ms after its last packet', () => {
    const device = makeDevice();
    const channel = openChannel(device);
    const packets = message(channel, PING, pattern(300));
    feed(device, packets.slice(0, 1), 10_000);
    feed(device, packets.slice(1, 2), 10_300);
    const deadlineMs = device.nextDeadlineMs as number;
    expect(deadlineMs - 10_300).toBeGreaterThanOrEqual(400);
    expect(deadlineMs - 10_300).toBeLessThanOrEqual(1_000);
    expect(device.tick(10_300 + 399)).toEqual({ kind: 'none' });
    expect(device.tick(deadlineMs - 0.01)).toEqual({ kind: 'none' });
    expect(device.tick(deadlineMs)).toEqual(errorAnswer(channel, 'MESSAGE_TIMEOUT'));
    expect(device.nextDeadlineMs).toBeUndefined();
    expect(device.tick(deadlineMs + 1_000)).toEqual({ kind: 'none' });
    expect(feed(device, packets.slice(2), 10_900)).toEqual([]);
    expect(feed(device, packets, 11_000)).toHaveLength(1);
  });

  test('times out on its own face', () => {
    const device = twoFaces();
    const channel = openChannel(device, 1, 512);
    feed(device, [first(channel, PING, 2_000, [], 512)], 0, 1);
    expect(device.tick(500)).toEqual(errorAnswer(channel, 'MESSAGE_TIMEOUT', 1));
  });

  test('keeps other channels out no longer than that', () => {
    const device = makeDevice();
    const [a, b] = open(device, 2) as [ChannelId, ChannelId];
    feed(device, [first(a, PING, 300)], 0);
    expect(feed(device, [first(b, PING, 0)], 499)).toEqual([errorAnswer(b, 'CHANNEL_BUSY')]);
    device.tick(500);
    expect(feed(device, [first(b, PING, 0)], 500)).toHaveLength(1);
  });
});

describe('channels', () => {
  test.each([
    ['no channel', 0x01020304],
    ['channel 0', 0],
    ['the broadcast channel', broadcastChannel],
  ])('an init packet on %s gets INVALID_CHANNEL, a continuation nothing', (_, id) => {
    const device = makeDevice();
    openChannel(device);
    for (const command of [PING, WINK, CANCEL, HELLO, 0x60, 0x03]) {
      expect(feed(device, [first(id, command, 0)])).toEqual([errorAnswer(id, 'INVALID_CHANNEL')]);
    }
    expect(feed(device, [next(id, 0)])).toEqual([]);
  });

  test('INIT on a channel that does not exist gets INVALID_CHANNEL', () => {
    expect(feed(makeDevice(), [first(5, INIT, 8, nonce)])).toEqual([
      errorAnswer(5, 'INVALID_CHANNEL'),
    ]);
  });

  test('others get CHANNEL_BUSY at once while one sends, and their continuations nothing', () => {
    const device = makeDevice();
    const [a, b] = open(device, 2) as [ChannelId, ChannelId];
    const payload = pattern(200);
    const packets = message(a, PING, payload);
    feed(device, packets.slice(0, 1));
    for (const command of [PING, WINK, HELLO, 0x41, 0x7f]) {
      expect(feed(device, [first(b, command, 0)])).toEqual([errorAnswer(b, 'CHANNEL_BUSY')]);
    }
    expect(feed(device, [next(b, 0), next(b, 1)])).toEqual([]);
    expect(feed(device, packets.slice(1))).toEqual([request(a, PING, payload)]);
    expect(feed(device, message(b, PING, payload))).toEqual([request(b, PING, payload)]);
  });

  test('interleaved messages: the first is served whole, the second told to wait', () => {
    const device = makeDevice();
    const [a, b] = open(device, 2) as [ChannelId, ChannelId];
    const mine = message(a, PING, pattern(400));
    const theirs = message(b, PING, pattern(390));
    const events = mine.flatMap((packet, i) => feed(device, [packet, theirs[i] as Uint8Array]));
    expect(events).toEqual([errorAnswer(b, 'CHANNEL_BUSY'), request(a, PING, pattern(400))]);
  });

  test('the least recently used one without a pin gives way', () => {
    const evicted: ChannelId[] = [];
    const device = makeDevice({ channelLimit: 3, onEvict: (channel) => evicted.push(channel) });
    const [a, b, c] = open(device, 3) as [ChannelId, ChannelId, ChannelId];
    device.pin(b);
    feed(device, [first(a, PING, 0)]);
    const d = openChannel(device);
    expect(evicted).toEqual([c]);
    expect(feed(device, [first(c, PING, 0)])).toEqual([errorAnswer(c, 'INVALID_CHANNEL')]);
    openChannel(device);
    expect(evicted).toEqual([c, a]);
    openChannel(device);
    expect(evicted).toEqual([c, a, d]);
    expect(device.faceOf(b)).toBe(0);
    expect(device.faceOf(c)).toBeUndefined();
  });

  test('when all are pinned, INIT gets CHANNEL_BUSY until one is unpinned', () => {
    const device = makeDevice({ channelLimit: 2 });
    const channels = open(device, 2);
    for (const channel of channels) device.pin(channel);
    const ask = first(broadcastChannel, INIT, 8, nonce);
    expect(feed(device, [ask])).toEqual([errorAnswer(broadcastChannel, 'CHANNEL_BUSY')]);
    device.unpin(channels[0] as ChannelId);
    expect(feed(device, [ask])).toMatchObject([{ command: INIT }]);
    expect(device.faceOf(channels[0] as ChannelId)).toBeUndefined();
  });

  test('the one that sends is not evicted, however many ask for channels', () => {
    const device = makeDevice({ channelLimit: 2 });
    const a = openChannel(device);
    const packets = message(a, PING, pattern(100));
    feed(device, packets.slice(0, 1));
    open(device, 10);
    expect(device.faceOf(a)).toBe(0);
    expect(feed(device, packets.slice(1))).toHaveLength(1);
    open(device, 2);
    expect(device.faceOf(a)).toBeUndefined();
  });

  test('a reset forgets them all', () => {
    const device = makeDevice();
    const [a, b] = open(device, 2) as [ChannelId, ChannelId];
    device.pin(a);
    feed(device, lock(a, 10));
    feed(device, [first(a, PING, 300)]);
    device.reset();
    expect(device.nextDeadlineMs).toBeUndefined();
    for (const channel of [a, b]) {
      expect(feed(device, [first(channel, PING, 0)])).toEqual([
        errorAnswer(channel, 'INVALID_CHANNEL'),
      ]);
    }
    const c = openChannel(device);
    expect(feed(device, [first(c, PING, 0)])).toHaveLength(1);
  });
});

describe('CANCEL', () => {
  test('is an event without an answer', () => {
    const device = makeDevice();
    const channel = openChannel(device);
    expect(feed(device, [first(channel, CANCEL, 0)])).toEqual([
      { kind: 'cancel', face: 0, channel },
    ]);
  });

  test('in mid-message drops that message without an answer', () => {
    const device = makeDevice();
    const channel = openChannel(device);
    const packets = message(channel, PING, pattern(300));
    feed(device, packets.slice(0, 2));
    expect(feed(device, [first(channel, CANCEL, 0)])).toEqual([
      { kind: 'cancel', face: 0, channel },
    ]);
    expect(device.nextDeadlineMs).toBeUndefined();
    expect(feed(device, packets.slice(2))).toEqual([]);
    expect(feed(device, packets)).toHaveLength(1);
  });

  test('is served while another channel sends, without disturbing it', () => {
    const device = makeDevice();
    const [a, b] = open(device, 2) as [ChannelId, ChannelId];
    const packets = message(a, PING, pattern(200));
    feed(device, packets.slice(0, 1));
    expect(feed(device, [first(b, CANCEL, 0)])).toEqual([{ kind: 'cancel', face: 0, channel: b }]);
    expect(feed(device, packets.slice(1))).toHaveLength(1);
  });
});

describe('LOCK', () => {
  function locked(seconds: number) {
    const device = makeDevice();
    const [a, b] = open(device, 2) as [ChannelId, ChannelId];
    device.pin(a);
    expect(feed(device, lock(a, seconds), 1_000)).toEqual([lockAnswer(a)]);
    return { device, a, b };
  }

  test('keeps others out until it ends', () => {
    const { device, a, b } = locked(10);
    expect(feed(device, [first(b, PING, 0)], 10_999)).toEqual([errorAnswer(b, 'CHANNEL_BUSY')]);
    expect(feed(device, [first(b, WINK, 0)], 10_999)).toEqual([errorAnswer(b, 'CHANNEL_BUSY')]);
    expect(feed(device, [first(a, PING, 0)], 10_999)).toHaveLength(1);
    expect(feed(device, [first(b, PING, 0)], 11_000)).toEqual([
      request(b, PING, new Uint8Array(0)),
    ]);
  });

  test('lets INIT, HELLO and CANCEL of others through', () => {
    const { device, b } = locked(10);
    expect(
      feed(
        device,
        [
          first(b, INIT, 8, nonce),
          first(broadcastChannel, INIT, 8, nonce),
          first(b, HELLO, 0),
          first(b, CANCEL, 0),
        ],
        1_500,
      ),
    ).toMatchObject([
      { command: INIT },
      { command: INIT },
      { kind: 'request', command: HELLO },
      { kind: 'cancel' },
    ]);
  });

  test('of 0 seconds releases', () => {
    const { device, a, b } = locked(10);
    expect(feed(device, lock(a, 0), 1_100)).toEqual([lockAnswer(a)]);
    expect(feed(device, [first(b, PING, 0)], 1_100)).toMatchObject([{ kind: 'request' }]);
  });

  test('is not another’s to take or release', () => {
    const { device, a, b } = locked(10);
    device.pin(b);
    expect(feed(device, [...lock(b, 0), ...lock(b, 5)], 1_100)).toEqual([
      errorAnswer(b, 'CHANNEL_BUSY'),
      errorAnswer(b, 'CHANNEL_BUSY'),
    ]);
    expect(feed(device, lock(a, 1), 1_200)).toEqual([lockAnswer(a)]);
    expect(feed(device, lock(b, 5), 2_200)).toEqual([lockAnswer(b)]);
  });

  test('of more than 10 seconds is refused and changes nothing', () => {
    const { device, a, b } = locked(2);
    for (const seconds of [11, 255]) {
      expect(feed(device, lock(a, seconds), 1_100)).toEqual([errorAnswer(a, 'INVALID_PARAMETER')]);
    }
    expect(feed(device, [first(b, PING, 0)], 2_999)).toEqual([errorAnswer(b, 'CHANNEL_BUSY')]);
    expect(feed(device, [first(b, PING, 0)], 3_000)).toMatchObject([{ kind: 'request' }]);
  });

  test('is unknown to a channel without a session', () => {
    const device = makeDevice();
    const [a, b] = open(device, 2) as [ChannelId, ChannelId];
    expect(feed(device, lock(a, 10))).toEqual([errorAnswer(a, 'INVALID_COMMAND')]);
    expect(feed(device, [first(b, PING, 0)])).toMatchObject([{ kind: 'request' }]);
  });

  test('ends when its channel is unpinned', () => {
    const { device, a, b } = locked(10);
    device.unpin(a);
    expect(feed(device, [first(b, PING, 0)], 1_100)).toMatchObject([{ kind: 'request' }]);
  });
});

function twoFaces(): DevicePackets {
  return makeDevice({
    faces: [
      { packetBytes: 64, maxMessageBytes: 7_609 },
      { packetBytes: 512, maxMessageBytes: 65_401 },
    ],
  });
}

describe('several faces', () => {
  test('each has its own packet size and largest message', () => {
    const device = twoFaces();
    const a = openChannel(device, 0, 64);
    const b = openChannel(device, 1, 512);
    expect([device.faceOf(a), device.faceOf(b)]).toEqual([0, 1]);
    const large = pattern(65_401);
    expect(feed(device, message(b, PING, large, 512), 0, 1)).toEqual([request(b, PING, large, 1)]);
    const small = pattern(7_609);
    expect(feed(device, message(a, PING, small), 0, 0)).toEqual([request(a, PING, small)]);
    expect(feed(device, [first(a, PING, 7_610)], 0, 0)).toEqual([errorAnswer(a, 'INVALID_LENGTH')]);
  });

  test('a channel is unknown on another face, and undisturbed', () => {
    const device = twoFaces();
    const a = openChannel(device, 0, 64);
    const packets = message(a, PING, pattern(100));
    feed(device, packets.slice(0, 1));
    for (const command of [PING, INIT, CANCEL]) {
      expect(feed(device, [first(a, command, 8, nonce, 512)], 0, 1)).toEqual([
        errorAnswer(a, 'INVALID_CHANNEL', 1),
      ]);
    }
    expect(feed(device, [next(a, 0, [], 512)], 0, 1)).toEqual([]);
    expect(feed(device, packets.slice(1))).toEqual([request(a, PING, pattern(100))]);
  });

  test('share one table of channels and one buffer', () => {
    const device = makeDevice({
      channelLimit: 1,
      faces: [
        { packetBytes: 64, maxMessageBytes: 7_609 },
        { packetBytes: 512, maxMessageBytes: 65_401 },
      ],
    });
    const a = openChannel(device, 0, 64);
    const b = openChannel(device, 1, 512);
    expect(device.faceOf(a)).toBeUndefined();
    expect(device.faceOf(b)).toBe(1);
    const both = twoFaces();
    const c = openChannel(both, 0, 64);
    const d = openChannel(both, 1, 512);
    feed(both, [first(d, PING, 600, [], 512)], 0, 1);
    expect(feed(both, [first(c, PING, 0)])).toEqual([errorAnswer(c, 'CHANNEL_BUSY')]);
  });
});

test.each([
  ['packets that are too small', { faces: [{ packetBytes: 63, maxMessageBytes: 100 }] }],
  ['messages that are too long', { faces: [{ packetBytes: 64, maxMessageBytes: 7_610 }] }],
  ['no channels', { channelLimit: 0 }],
])('construction refuses %s', (_, options) => {
  expect(() => makeDevice(options)).toThrow(RangeError);
});

test('an answer does not change when the next packet comes', () => {
  const device = makeDevice();
  const event = device.receive(0, first(broadcastChannel, INIT, 8, nonce), 0, 0);
  if (event.kind !== 'answer') throw new Error('no answer');
  const before = toHex(event.payload);
  openChannel(device);
  expect(toHex(event.payload)).toBe(before);
});
