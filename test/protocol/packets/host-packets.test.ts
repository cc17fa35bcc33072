import { describe, expect, test } from 'vitest';
import {
  broadcastChannel,
  type ChannelId,
  type HostEvent,
  HostPackets,
  packetCommands,
} from '../../../src/protocol/packets/index.ts';
import {
  batchOf,
  expectPacket,
  first,
  hear,
  message,
  next,
  nonce,
  packetsOf,
  pattern,
} from './wire.ts';

const PING = packetCommands.PING.code;
const INIT = packetCommands.INIT.code;
const ERROR = packetCommands.ERROR.code;
const KEEPALIVE = packetCommands.KEEPALIVE.code;
const own = 0x0a0b0c0d as ChannelId;

/** An INIT answer's payload. */
function initAnswer(channel: number, forNonce: Uint8Array = nonce): Uint8Array {
  const payload = new Uint8Array(17);
  payload.set(forNonce);
  new DataView(payload.buffer).setUint32(8, channel);
  payload.set([2, 1, 2, 3, 9], 12);
  return payload;
}

function answerTo(on: number, channel: number, forNonce = nonce): Uint8Array {
  return first(on, INIT, 17, initAnswer(channel, forNonce));
}

function makeHost(maxMessageBytes?: number): HostPackets {
  return new HostPackets({
    packetBytes: 64,
    headroomBytes: 1,
    ...(maxMessageBytes === undefined ? {} : { maxMessageBytes }),
  });
}

/** A host that has its channel. */
function openHost(maxMessageBytes?: number): HostPackets {
  const host = makeHost(maxMessageBytes);
  host.init(nonce);
  hear(host, batchOf(answerTo(broadcastChannel, own)));
  return host;
}

const foreign = (channel: number): HostEvent => ({
  kind: 'foreign',
  channel: channel as ChannelId,
});

describe('INIT', () => {
  test('asks on the broadcast channel for a channel, then on that one (golden)', () => {
    const host = makeHost();
    expect(host.channel).toBeUndefined();
    const asked = host.init(nonce);
    expect(asked).toMatchObject({ offset: 1, stride: 65, packetBytes: 64, count: 1 });
    expectPacket(packetsOf(asked)[0] as Uint8Array, 'ffffffff 86 0008 0102030405060708');
    expect(hear(host, batchOf(answerTo(broadcastChannel, own)))).toEqual([
      {
        kind: 'ready',
        resync: false,
        channel: own,
        protocolVersion: 2,
        deviceVersion: [1, 2, 3],
        capabilities: 9,
      },
    ]);
    expect(host.channel).toBe(own);
    expectPacket(packetsOf(host.init(nonce))[0] as Uint8Array, '0a0b0c0d 86 0008 0102030405060708');
    expect(hear(host, batchOf(answerTo(own, own)))).toMatchObject([
      { kind: 'ready', resync: true, channel: own },
    ]);
  });

  test('an answer may be longer than this version knows', () => {
    const host = makeHost();
    host.init(nonce);
    const longer = first(broadcastChannel, INIT, 20, [...initAnswer(own), 1, 2, 3]);
    expect(hear(host, batchOf(longer))).toMatchObject([{ kind: 'ready' }]);
  });

  test('an answer to another host is foreign', () => {
    const host = makeHost();
    host.init(nonce);
    const theirs = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 9);
    expect(hear(host, batchOf(answerTo(broadcastChannel, 77, theirs)))).toEqual([foreign(77)]);
    expect(host.channel).toBeUndefined();
  });

  test('a second answer to the same nonce changes nothing', () => {
    const host = makeHost();
    host.init(nonce);
    host.init(nonce);
    const events = hear(
      host,
      batchOf(answerTo(broadcastChannel, own), answerTo(broadcastChannel, 78)),
    );
    expect(events).toMatchObject([{ kind: 'ready' }]);
    expect(host.channel).toBe(own);
  });

  test('a second answer on our channel is not told', () => {
    const host = openHost();
    host.init(nonce);
    const events = hear(host, batchOf(answerTo(own, own), answerTo(own, own)));
    expect(events).toMatchObject([{ kind: 'ready', resync: true }]);
    expect(events).toHaveLength(1);
  });

  test.each([
    ['channel 0', [broadcastChannel, 0]],
    ['the broadcast channel', [broadcastChannel, broadcastChannel]],
  ])('an answer that gives %s is invalid', (_, [on, channel]) => {
    const host = makeHost();
    host.init(nonce);
    expect(hear(host, batchOf(answerTo(on as number, channel as number)))).toMatchObject([
      { kind: 'invalid', code: 'INVALID_CHANNEL' },
    ]);
    expect(host.channel).toBeUndefined();
  });

  test('an answer on our channel that gives another is invalid', () => {
    const host = openHost();
    host.init(nonce);
    expect(hear(host, batchOf(answerTo(own, 99)))).toMatchObject([
      { kind: 'invalid', code: 'INVALID_CHANNEL' },
    ]);
    expect(host.channel).toBe(own);
  });

  test.each([0, 16, 58, 0xffff])('an answer of %i bytes is invalid', (length) => {
    const host = makeHost();
    host.init(nonce);
    const answer = first(broadcastChannel, INIT, length, initAnswer(own));
    expect(hear(host, batchOf(answer))).toMatchObject([
      { kind: 'invalid', code: 'INVALID_LENGTH' },
    ]);
  });

  test('an error on the broadcast channel is ours only while we ask', () => {
    const busy = batchOf(first(broadcastChannel, ERROR, 1, [6]));
    const host = makeHost();
    expect(hear(host, busy)).toEqual([foreign(broadcastChannel)]);
    host.init(nonce);
    expect(hear(host, busy)).toEqual([{ kind: 'error', code: 'CHANNEL_BUSY', byte: 6 }]);
    expect(hear(openHost(), busy)).toEqual([foreign(broadcastChannel)]);
  });

  test('drops the answer that was being assembled', () => {
    const host = openHost();
    const cut = message(own, PING, pattern(300));
    host.init(nonce);
    const events = hear(host, batchOf(...cut.slice(0, 2), answerTo(own, own), ...cut.slice(2)));
    expect(events).toMatchObject([{ kind: 'ready', resync: true }]);
    expect(host.nextDeadlineMs).toBeUndefined();
  });
});

describe('requests', () => {
  test.each([0, 1, 57, 58, 1_000, 7_609])('of %i bytes are split', (length) => {
    const batch = openHost().request(PING, pattern(length));
    expect(packetsOf(batch)).toEqual(message(own, PING, pattern(length)));
    expect(batch).toMatchObject({ offset: 1, stride: 65, packetBytes: 64 });
  });

  test('are independent of INIT and CANCEL, and use one buffer again', () => {
    const host = openHost();
    const sending = host.request(PING, pattern(300));
    const cancel = host.cancel();
    const init = host.init(nonce);
    expect(packetsOf(sending)).toEqual(message(own, PING, pattern(300)));
    expectPacket(packetsOf(cancel)[0] as Uint8Array, '0a0b0c0d 91 0000');
    expectPacket(packetsOf(init)[0] as Uint8Array, '0a0b0c0d 86 0008 0102030405060708');
    expect(host.request(PING, pattern(10)).buffer).toBe(sending.buffer);
  });

  test.each<[string, () => void]>([
    ['a payload that is too long', () => openHost().request(PING, new Uint8Array(7_610))],
    ['a payload beyond a set limit', () => openHost(100).request(PING, new Uint8Array(101))],
    ['a request without a channel', () => makeHost().request(PING, new Uint8Array(0))],
    ['a CANCEL without a channel', () => makeHost().cancel()],
    ['a nonce of 7 bytes', () => makeHost().init(new Uint8Array(7))],
    ['packets that are too small', () => new HostPackets({ packetBytes: 63, headroomBytes: 0 })],
    ['messages that are too long', () => makeHost(7_610)],
  ])('a caller’s mistake is a RangeError: %s', (_, act) => {
    expect(act).toThrow(RangeError);
  });
});

describe('answers', () => {
  test.each([0, 1, 57, 58, 1_000, 7_609])('of %i bytes arrive whole', (length) => {
    expect(hear(openHost(), batchOf(...message(own, PING, pattern(length))))).toEqual([
      { kind: 'message', command: PING, payload: pattern(length) },
    ]);
  });

  test('arrive in any batches, with any stride', () => {
    const host = openHost();
    const packets = message(own, PING, pattern(300));
    const events: HostEvent[] = [];
    for (const packet of packets) {
      const buffer = new Uint8Array(200).fill(0xee);
      buffer.set(packet, 31);
      events.push(...hear(host, { buffer, offset: 31, stride: 99, packetBytes: 64, count: 1 }));
    }
    expect(events).toEqual([{ kind: 'message', command: PING, payload: pattern(300) }]);
  });

  test('in packets of 512 bytes arrive whole', () => {
    const host = new HostPackets({ packetBytes: 512, headroomBytes: 0 });
    host.init(nonce);
    hear(host, batchOf(first(broadcastChannel, INIT, 17, initAnswer(own), 512)));
    const large = pattern(65_401);
    expect(hear(host, batchOf(...message(own, PING, large, 512)))).toEqual([
      { kind: 'message', command: PING, payload: large },
    ]);
  });

  test.each([
    [0x01, 'INVALID_COMMAND'],
    [0x0b, 'INVALID_CHANNEL'],
    [0xf0, 'NO_SESSION'],
    [0xf5, 'VERSION_UNSUPPORTED'],
    [0x00, 'OTHER'],
    [0x7e, 'OTHER'],
    [0xff, 'OTHER'],
  ])('ERROR %i is %s', (byte, code) => {
    expect(hear(openHost(), batchOf(first(own, ERROR, 1, [byte])))).toEqual([
      { kind: 'error', code, byte },
    ]);
  });

  test('KEEPALIVE tells its status', () => {
    expect(hear(openHost(), batchOf(first(own, KEEPALIVE, 1, [2])))).toEqual([
      { kind: 'keepalive', status: 2 },
    ]);
  });

  test.each([
    ['ERROR', ERROR, 0],
    ['ERROR', ERROR, 2],
    ['KEEPALIVE', KEEPALIVE, 0],
    ['KEEPALIVE', KEEPALIVE, 0xffff],
    ['WINK', 0x08, 1],
    ['PING', PING, 7_610],
    ['PING', PING, 0xffff],
  ])('%s (%i) of %i bytes is invalid', (_, command, length) => {
    const host = openHost();
    const packets = batchOf(first(own, command, length), next(own, 0), next(own, 1));
    expect(hear(host, packets)).toMatchObject([{ kind: 'invalid', code: 'INVALID_LENGTH' }]);
    expect(host.nextDeadlineMs).toBeUndefined();
  });

  test('longer than the host wants are invalid', () => {
    const host = openHost(100);
    expect(hear(host, batchOf(first(own, PING, 101)))).toMatchObject([
      { kind: 'invalid', code: 'INVALID_LENGTH' },
    ]);
    expect(hear(host, batchOf(...message(own, PING, pattern(100))))).toHaveLength(1);
  });

  test.each([0x00, 0x03, 0x11, 0x42])('with command %i are invalid', (command) => {
    expect(hear(openHost(), batchOf(first(own, command, 300), next(own, 0)))).toMatchObject([
      { kind: 'invalid', code: 'INVALID_COMMAND' },
    ]);
  });

  test('with a packet lost are invalid once, and the next is good', () => {
    const host = openHost();
    const packets = message(own, PING, pattern(300));
    const lost = packets.filter((_, i) => i !== 2);
    expect(hear(host, batchOf(...lost, ...packets))).toMatchObject([
      { kind: 'invalid', code: 'INVALID_SEQUENCE' },
      { kind: 'message', payload: pattern(300) },
    ]);
  });

  test('broken off by another are invalid, and the other is good', () => {
    const host = openHost();
    const cut = message(own, PING, pattern(300)).slice(0, 3);
    expect(hear(host, batchOf(...cut, first(own, PING, 1, [5])))).toEqual([
      { kind: 'invalid', code: 'INVALID_SEQUENCE', detail: expect.any(String) },
      { kind: 'message', command: PING, payload: Uint8Array.of(5) },
    ]);
  });

  test('broken off by KEEPALIVE are dropped', () => {
    const host = openHost();
    const [begin, ...rest] = message(own, PING, pattern(300)) as [Uint8Array, ...Uint8Array[]];
    const events = hear(host, batchOf(begin, first(own, KEEPALIVE, 1, [1]), ...rest));
    expect(events.map(({ kind }) => kind)).toEqual(['invalid', 'keepalive']);
    expect(host.nextDeadlineMs).toBeUndefined();
  });

  test('cut short are dropped after 400 to 1,000 ms', () => {
    const host = openHost();
    const packets = message(own, PING, pattern(300));
    hear(host, batchOf(packets[0] as Uint8Array), 7_000);
    hear(host, batchOf(packets[1] as Uint8Array), 7_200);
    const deadlineMs = host.nextDeadlineMs as number;
    expect(deadlineMs - 7_200).toBeGreaterThanOrEqual(400);
    expect(deadlineMs - 7_200).toBeLessThanOrEqual(1_000);
    expect(host.tick(deadlineMs - 1)).toBeUndefined();
    expect(host.tick(deadlineMs)).toMatchObject({ kind: 'invalid', code: 'MESSAGE_TIMEOUT' });
    expect(host.tick(deadlineMs)).toBeUndefined();
    expect(host.nextDeadlineMs).toBeUndefined();
    expect(hear(host, batchOf(...packets.slice(2)))).toEqual([]);
  });

  test('on other channels are foreign, told once a message, and disturb nothing', () => {
    const host = openHost();
    const mine = message(own, PING, pattern(200));
    const theirs = message(own + 1, PING, pattern(200));
    const mixed = mine.flatMap((packet, i) => [packet, theirs[i] as Uint8Array]);
    expect(hear(host, batchOf(...mixed))).toEqual([
      foreign(own + 1),
      { kind: 'message', command: PING, payload: pattern(200) },
    ]);
  });

  test('are foreign as long as there is no channel', () => {
    expect(hear(makeHost(), batchOf(first(own, PING, 0), next(own, 0)))).toEqual([foreign(own)]);
  });

  test('stray continuations are ignored', () => {
    expect(hear(openHost(), batchOf(next(own, 0), next(own, 5)))).toEqual([]);
  });

  test('in packets of another size are invalid', () => {
    expect(hear(openHost(), batchOf(first(own, PING, 0, [], 512)))).toMatchObject([
      { kind: 'invalid', code: 'INVALID_LENGTH' },
    ]);
  });
});
