import { describe, expect, test } from 'vitest';
import { cutIntoPackets } from '../../src/conformance/raw-host.ts';
import { tapWire } from '../../src/conformance/wire.ts';
import { type LoopbackPort, VirtualClock } from '../../src/emulator/index.ts';
import {
  connect,
  createRuntime,
  type Dongle,
  type FaceName,
  type Link,
  type LinkSource,
} from '../../src/index.ts';
import { packetCommands, readChannelId } from '../../src/protocol/packets/index.ts';
import { plugDongle, testTrust } from '../support/rig.ts';
import { createRandom, long, type Random, seed } from '../support/seed.ts';

// No program that merely opens the device can end an owner's session.

const { PING, INIT, LOCK, CANCEL, HELLO, HANDSHAKE } = packetCommands;
const broadcast = 0xffff_ffff;
const data = Uint8Array.of(1, 2, 3);
/** How long an attack lasts, which is longer than a lease, and how often it strikes on average. */
const attackMs = long ? 600_000 : 12_000;
const strikeMs = 9;

/** What the program can do: it sees what travels, and knows every channel. */
interface Program {
  readonly random: Random;
  /** A channel of its own, or one of the owner's. */
  channel(): number;
  /** A packet that the owner has sent. */
  seen(): Uint8Array;
  send(packet: Uint8Array): void;
  /** Sends the packets of a message, or only the first so many. */
  say(channel: number, command: number, payload: Uint8Array, count?: number): void;
}

const attacks: Readonly<Record<string, (program: Program) => void>> = {
  junk({ random, channel, send }) {
    const packet = random.bytes(64);
    new DataView(packet.buffer).setUint32(0, channel());
    send(packet);
  },
  'junk records': ({ random, channel, say }) =>
    say(channel(), 0x60 + random.below(32), random.bytes(16 + random.below(100))),
  replays: ({ seen, send }) => send(seen()),
  INIT: ({ random, channel, say }) =>
    say(random.pick([broadcast, channel()]), INIT.code, random.bytes(8)),
  LOCK: ({ random, channel, say }) =>
    say(channel(), LOCK.code, Uint8Array.of(random.pick([0, 1, 10, 11]))),
  CANCEL: ({ channel, say }) => say(channel(), CANCEL.code, new Uint8Array(0)),
  'unfinished messages': ({ random, channel, say }) =>
    say(channel(), PING.code, random.bytes(2000), 1 + random.below(3)),
  'unfinished handshakes'({ random, channel, say }) {
    const on = channel();
    const version = random.pick([1, 1, 7]);
    say(on, HELLO.code, Uint8Array.of(0xa1, 0x01, 0x81, version));
    say(on, HANDSHAKE.code, random.bytes(32));
    if (random.below(2) === 0) say(on, HANDSHAKE.code, random.bytes(130));
  },
};

/** Notes the packets that are sent on a source. */
function overheard(source: LinkSource, packets: Uint8Array[]): LinkSource {
  return tapWire(source, {
    toDevice(packet) {
      packets.push(packet.slice());
      return 'pass';
    },
  });
}

async function openProgram(port: LoopbackPort, face: FaceName, random: Random, seen: Uint8Array[]) {
  const own: number[] = [];
  const link: Link = await port.source(face, 1).open({
    packets({ buffer, offset }) {
      const isInit = (buffer[offset + 4] as number) === 0x80 + INIT.code;
      if (isInit) own.push(readChannelId(buffer, offset + 15));
    },
    detached: () => {},
  });
  const owners = [...new Set(seen.map((packet) => readChannelId(packet, 0)))].filter(
    (id) => id !== broadcast,
  );
  const program: Program = {
    random,
    channel: () => random.pick([...owners, own.at(-1 - random.below(4)) ?? broadcast]),
    seen: () => random.pick(seen),
    send(packet) {
      const buffer = new Uint8Array(link.packetBytes);
      buffer.set(packet.subarray(0, link.packetBytes));
      void link
        .send({ buffer, offset: 0, stride: buffer.length, packetBytes: buffer.length, count: 1 })
        .catch(() => {});
    },
    say(channel, command, payload, count) {
      const packets = cutIntoPackets(link.packetBytes, channel, command, payload);
      for (const packet of packets.slice(0, count)) program.send(packet);
    },
  };
  // The table of channels is full but for the owner's.
  for (let i = 0; i < 20; i++) program.say(broadcast, INIT.code, random.bytes(8));
  return program;
}

async function scene(ownersFace: FaceName, from: FaceName) {
  const clock = new VirtualClock();
  const { port } = await plugDongle({ clock, seed });
  const runtime = await createRuntime();
  const events: string[] = [];
  const seen: Uint8Array[] = [];
  const open = async (face: FaceName): Promise<Dongle> => {
    const dongle = await clock.run(
      connect(overheard(port.source(face), seen), {
        ...{ clock, runtime, trust: await testTrust(), sharing: 'allow' },
        onEvent: ({ kind }) => events.push(kind),
      }),
    );
    await clock.run(dongle.echo(data));
    return dongle;
  };
  const dongles = [await open(ownersFace), await open('hid')];
  const program = await openProgram(port, from, createRandom(seed), seen);
  return { clock, dongles, program, events };
}

const faces = [
  ['hid', 'hid'],
  ['hid', 'vendor'],
  ['vendor', 'hid'],
  ['vendor', 'vendor'],
] as const;

describe.each(faces)(`an owner on %s, a program on %s, SEED=${seed}`, (ownersFace, from) => {
  test.each([...Object.keys(attacks), 'all of it'])('%s ends no session', async (name) => {
    const { clock, dongles, program, events } = await scene(ownersFace, from);
    const strikes = Object.entries(attacks).filter(
      ([each]) => name === each || name === 'all of it',
    );
    for (const endMs = clock.now() + attackMs; clock.now() < endMs; ) {
      program.random.pick(strikes)[1](program);
      // A call may fail in the thick of it, the session may not.
      if (program.random.below(100) === 0)
        for (const dongle of dongles) dongle.echo(data).catch(() => {});
      await clock.advance(program.random.below(2 * strikeMs));
    }
    await clock.advance(15_000);
    for (const dongle of dongles) {
      expect(await clock.run(dongle.echo(data))).toEqual(data);
      expect(dongle.licensed).toBe(true);
    }
    expect(new Set(events)).toEqual(new Set(['bound']));
    for (const dongle of dongles) await clock.run(dongle.close());
  });
});
