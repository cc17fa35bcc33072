import { expect, test } from 'vitest';
import { equalBytes } from '../../../src/bytes.ts';
import {
  broadcastChannel,
  type ChannelId,
  type DeviceEvent,
  type HostEvent,
  HostPackets,
  packetCommands,
  packetErrors,
  readChannelId,
  requestLengths,
} from '../../../src/protocol/packets/index.ts';
import { createRandom, long, type Random, seed } from '../../support/seed.ts';
import { batchOf, first, hear, makeDevice, message, next, packetsOf } from './wire.ts';

const inputs = long ? 20_000_000 : 400_000;
const checkEvery = 10_000;

const { PING, INIT, LOCK, ERROR } = packetCommands;
const errorBytes = new Set<number>(Object.values(packetErrors));

const lengths = [0, 1, 7, 8, 17, 57, 58, 100, 1_024, 1_025, 7_609, 7_610, 0xffff];
const knownCommands = [
  ...Object.values(packetCommands).map(({ code }) => code as number),
  0x7f,
  0x6a,
];

/** Packets of one kind: noise, a broken message, or a mixture that looks like traffic. */
function somePackets(random: Random, channels: readonly number[], packetBytes: number) {
  const channel = random.float() < 0.9 ? random.pick(channels) : random.below(2 ** 32);
  const command = random.float() < 0.8 ? random.pick(knownCommands) : random.below(128);
  const length = random.float() < 0.6 ? random.pick(lengths) : random.below(300);
  switch (random.below(8)) {
    case 0:
      return [random.bytes(packetBytes)];
    case 1:
      return [first(channel, command, length, random.bytes(40), packetBytes)];
    case 2:
      return [next(channel, random.below(random.pick([3, 128])), random.bytes(20), packetBytes)];
    case 3:
      return [first(channel, INIT.code, 8, random.bytes(8), packetBytes)];
    case 4:
      return [first(channel, LOCK.code, 1, [random.below(15)], packetBytes)];
    default: {
      const payload = random.bytes(random.pick([0, 8, 60, 150, 400]));
      const packets = message(channel, command, payload, packetBytes);
      for (let faults = random.below(3); faults > 0; faults--) {
        const at = random.below(packets.length);
        const packet = packets[at] as Uint8Array;
        const other = random.pick(channels);
        switch (random.below(5)) {
          case 0:
            packet[random.below(9)] = random.below(256);
            break;
          case 1:
            if (packets.length > 1) packets.splice(at, 1);
            break;
          case 2:
            packets.splice(at, 0, packet.slice());
            break;
          case 3:
            packets.splice(at, 0, first(other, random.pick(knownCommands), 1, [3], packetBytes));
            break;
          case 4:
            packets.splice(at, 0, next(other, at, [], packetBytes));
            break;
        }
      }
      return packets;
    }
  }
}

test(`a device survives ${inputs} packets (SEED=${seed})`, () => {
  const random = createRandom(seed);
  const faces = [
    { packetBytes: 64, maxMessageBytes: 1_024 },
    { packetBytes: 512, maxMessageBytes: 2_000 },
  ] as const;
  const channelLimit = 6;
  /** The channels that there should be, and their faces. */
  const live = new Map<number, number>();
  const pinned = new Set<number>();
  const device = makeDevice({
    faces,
    channelLimit,
    randomBytes: random.bytes,
    onEvict: (channel) => {
      expect(pinned.has(channel)).toBe(false);
      expect(live.delete(channel)).toBe(true);
    },
  });
  let nowMs = 0;
  const seen = new Map<string, number>();

  const check = (event: DeviceEvent, face: number) => {
    let name: string = event.kind;
    if (event.kind !== 'none' && event.face !== face) expect.fail('an event on another face');
    if (event.kind === 'request') {
      const allowed = requestLengths(event.command);
      const { length } = event.payload;
      const good =
        live.get(event.channel) === face &&
        allowed !== undefined &&
        length >= allowed[0] &&
        length <= Math.min(allowed[1], faces[face]?.maxMessageBytes ?? 0);
      if (!good) expect.fail(`request ${event.command} of ${length} bytes`);
    } else if (event.kind === 'answer') {
      name += event.command;
      if (event.command === ERROR.code) {
        const byte = event.payload[0] as number;
        if (event.payload.length !== 1 || !errorBytes.has(byte)) expect.fail('a nameless error');
        name += `/${byte}`;
      } else if (event.command === INIT.code) {
        expect(event.payload.length).toBe(17);
        const id = readChannelId(event.payload, 8);
        if (event.channel === broadcastChannel) {
          expect(id !== 0 && id !== broadcastChannel && !live.has(id)).toBe(true);
          live.set(id, face);
        } else {
          expect(id).toBe(event.channel);
        }
      } else {
        expect(event.command).toBe(LOCK.code);
        expect(pinned.has(event.channel)).toBe(true);
      }
    }
    seen.set(name, (seen.get(name) ?? 0) + 1);
  };

  const tick = () => {
    const dueMs = device.nextDeadlineMs;
    if (dueMs === undefined || dueMs > nowMs) return;
    const event = device.tick(nowMs);
    expect(event.kind).toBe('answer');
    check(event, 'face' in event ? event.face : -1);
    expect(device.nextDeadlineMs).toBeUndefined();
  };

  for (let done = 0, checked = 0; done < inputs; ) {
    const face = random.below(2);
    const known = [...live.keys(), broadcastChannel, broadcastChannel];
    const packets = somePackets(random, known, faces[face]?.packetBytes ?? 0);
    for (const packet of packets) {
      nowMs += random.pick([0, 0, 1, 40, random.below(2) * 600]);
      tick();
      check(device.receive(face, packet, 0, nowMs), face);
      const dueMs = device.nextDeadlineMs;
      if (dueMs !== undefined && (dueMs <= nowMs || dueMs > nowMs + 1_000)) {
        expect.fail(`a deadline in ${dueMs - nowMs} ms`);
      }
      done++;
    }
    if (live.size > channelLimit) expect.fail(`${live.size} channels`);
    if (random.below(50) === 0) {
      const channel = random.pick([...live.keys(), 1]) as ChannelId;
      if (pinned.delete(channel)) device.unpin(channel);
      else if (pinned.size < channelLimit - 1 && live.has(channel)) {
        device.pin(channel);
        pinned.add(channel);
      }
    }
    if (random.below(20_000) === 0) {
      device.reset();
      live.clear();
      pinned.clear();
    }
    if (done - checked < checkEvery) continue;
    checked = done;

    // Good requests work, once messages cut short have timed out and locks have ended.
    nowMs += 11_000;
    tick();
    const size = faces[face]?.packetBytes ?? 0;
    const init = device.receive(face, first(broadcastChannel, INIT.code, 8, [], size), 0, nowMs);
    check(init, face);
    if (init.kind !== 'answer' || init.command !== INIT.code) return expect.fail('no channel');
    const channel = readChannelId(init.payload, 8);
    const payload = random.bytes(1_000);
    const events = message(channel, PING.code, payload, size).map((packet) =>
      device.receive(face, packet, 0, nowMs),
    );
    const echo = events.at(-1);
    if (echo?.kind !== 'request' || !equalBytes(echo.payload, payload)) expect.fail('no echo');
  }
  for (const [id, face] of live) expect(device.faceOf(id as ChannelId)).toBe(face);
  // The packets reached what they should.
  if (inputs >= 100_000) {
    const reached = ['request', 'cancel', 'answer6', 'answer4'];
    for (const byte of [1, 2, 3, 4, 5, 6, 0x0b]) reached.push(`answer63/${byte}`);
    for (const name of reached) expect(seen.get(name) ?? 0, name).toBeGreaterThan(20);
  }
});

test(`a host survives ${inputs} packets (SEED=${seed})`, () => {
  const random = createRandom(seed);
  const maxMessageBytes = 1_024;
  let host = new HostPackets({ packetBytes: 64, headroomBytes: 1, maxMessageBytes });
  let nonce = random.bytes(8);
  host.init(nonce);
  let nowMs = 0;
  const seen = new Map<string, number>();

  const check = (event: HostEvent) => {
    seen.set(event.kind, (seen.get(event.kind) ?? 0) + 1);
    if ('code' in event && !(event.code in packetErrors)) expect.fail('a nameless error');
    if (event.kind === 'message' && event.payload.length > maxMessageBytes) {
      expect.fail(`a message of ${event.payload.length} bytes`);
    }
    if (event.kind === 'ready') expect(host.channel).toBe(event.channel);
    if (event.kind === 'foreign' && event.channel === host.channel) expect.fail('not foreign');
  };

  for (let done = 0, checked = 0; done < inputs; ) {
    const channel = host.channel ?? broadcastChannel;
    const packets = somePackets(random, [channel, channel, broadcastChannel, 77], 64);
    if (random.below(30) === 0) {
      host.init(nonce);
      const on = random.pick([channel, channel, broadcastChannel]);
      const given = random.pick([channel, random.below(2 ** 32), 0]);
      const answer = first(on, INIT.code, 17, nonce);
      new DataView(answer.buffer).setUint32(15, given);
      packets.splice(random.below(packets.length), 0, answer);
    }
    nowMs += random.pick([0, 1, 100, 600]);
    const dueMs = host.nextDeadlineMs;
    if (dueMs !== undefined && dueMs <= nowMs) {
      const event = host.tick(nowMs);
      if (event === undefined) expect.fail('nothing to tell');
      else check(event);
    }
    host.receive(batchOf(...packets), nowMs, check);
    done += packets.length;
    if (random.below(5_000) === 0) {
      host = new HostPackets({ packetBytes: 64, headroomBytes: 1, maxMessageBytes });
      nonce = random.bytes(8);
      host.init(nonce);
    }
    if (done - checked < checkEvery) continue;
    checked = done;

    // With a good device on the other side, INIT and PING work.
    nowMs += 1_000;
    host.tick(nowMs);
    const own = host.channel;
    const answer = first(own ?? broadcastChannel, INIT.code, 17, nonce);
    new DataView(answer.buffer).setUint32(15, own ?? 5);
    host.init(nonce);
    expect(hear(host, batchOf(answer), nowMs)).toMatchObject([{ kind: 'ready' }]);
    const payload = random.bytes(1_000);
    const sent = packetsOf(host.request(PING.code, payload));
    const echo = hear(host, batchOf(...sent), nowMs);
    expect(echo).toEqual([{ kind: 'message', command: PING.code, payload }]);
  }
  if (inputs >= 100_000) {
    for (const kind of ['message', 'ready', 'error', 'keepalive', 'foreign', 'invalid']) {
      expect(seen.get(kind) ?? 0, kind).toBeGreaterThan(20);
    }
  }
});
