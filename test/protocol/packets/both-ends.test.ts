import { describe, expect, test } from 'vitest';
import {
  type ChannelId,
  type HostEvent,
  HostPackets,
  largestMessage,
  packetCommands,
} from '../../../src/protocol/packets/index.ts';
import { batchFor, feed, hear, makeDevice, nonce, packetsOf, pattern } from './wire.ts';

const PING = packetCommands.PING.code;

/** A host and a device on one face, connected back to back; the device echoes requests. */
function backToBack(packetBytes: number, headroomBytes: number) {
  const maxMessageBytes = largestMessage(packetBytes);
  const device = makeDevice({ faces: [{ packetBytes, maxMessageBytes }] });
  const host = new HostPackets({ packetBytes, headroomBytes });
  const exchange = (batch: Parameters<typeof packetsOf>[0]): HostEvent[] =>
    feed(device, packetsOf(batch)).flatMap((event) =>
      event.kind === 'request' || event.kind === 'answer'
        ? hear(host, batchFor(event, packetBytes))
        : [],
    );
  return { device, host, exchange };
}

describe.each([
  [64, 0],
  [64, 1],
  [512, 0],
])('in packets of %i bytes with headroom %i', (packetBytes, headroomBytes) => {
  test('1,000 bytes, and the largest message, come back as they went', () => {
    const { device, host, exchange } = backToBack(packetBytes, headroomBytes);
    expect(exchange(host.init(nonce))).toMatchObject([{ kind: 'ready' }]);
    expect(device.faceOf(host.channel as ChannelId)).toBe(0);
    for (const length of [1_000, largestMessage(packetBytes), 0, 1_000]) {
      const payload = pattern(length);
      expect(exchange(host.request(PING, payload))).toEqual([
        { kind: 'message', command: PING, payload },
      ]);
    }
  });

  test('a request cut short is put right by INIT', () => {
    const { device, host, exchange } = backToBack(packetBytes, headroomBytes);
    exchange(host.init(nonce));
    const cut = packetsOf(host.request(PING, pattern(1_000)));
    feed(device, cut.slice(0, 2));
    expect(exchange(host.init(nonce))).toMatchObject([{ kind: 'ready', resync: true }]);
    expect(exchange(host.request(PING, pattern(1_000)))).toMatchObject([{ kind: 'message' }]);
  });

  test('errors arrive by name', () => {
    const { host, exchange } = backToBack(packetBytes, headroomBytes);
    exchange(host.init(nonce));
    expect(exchange(host.request(0x42, pattern(3)))).toMatchObject([
      { kind: 'error', code: 'INVALID_COMMAND' },
    ]);
    expect(exchange(host.request(packetCommands.LOCK.code, Uint8Array.of(1)))).toMatchObject([
      { kind: 'error', code: 'INVALID_COMMAND' },
    ]);
  });
});

test('two hosts on one device tell each other’s answers apart', () => {
  const device = makeDevice();
  const hosts = [1, 2].map(() => new HostPackets({ packetBytes: 64, headroomBytes: 0 }));
  const [a, b] = hosts as [HostPackets, HostPackets];
  const exchange = (batch: Parameters<typeof packetsOf>[0]): HostEvent[][] => {
    const answers = feed(device, packetsOf(batch)).flatMap((event) =>
      'payload' in event ? [batchFor(event)] : [],
    );
    return hosts.map((host) => answers.flatMap((answer) => hear(host, answer)));
  };
  expect(exchange(a.init(nonce))).toMatchObject([[{ kind: 'ready' }], [{ kind: 'foreign' }]]);
  expect(exchange(b.init(nonce.toReversed()))).toMatchObject([
    [{ kind: 'foreign', channel: b.channel }],
    [{ kind: 'ready' }],
  ]);
  expect(a.channel).not.toBe(b.channel);
  expect(exchange(b.request(PING, pattern(100)))).toMatchObject([
    [{ kind: 'foreign', channel: b.channel }],
    [{ kind: 'message' }],
  ]);
});
