import { expect, test } from 'vitest';
import { tapWire } from '../../src/conformance/wire.ts';
import { LoopbackPort, nativeAesEngine, VirtualClock } from '../../src/emulator/index.ts';
import { connect, type Dongle, hello, type Link } from '../../src/index.ts';
import {
  type ChannelId,
  packetCommands,
  readChannelId,
  writePackets,
} from '../../src/protocol/packets/index.ts';
import { plugDongle, testTrust } from '../support/rig.ts';
import { oneUnit } from '../support/simulated-rsa.ts';

// What other programs, a bad engine or a hasty user do must not break a session.

const data = Uint8Array.of(1, 2, 3);

function packet(channel: number, command: number, payload: Uint8Array) {
  const buffer = new Uint8Array(64);
  writePackets(buffer, 0, 64, 64, channel as ChannelId, command, payload);
  return { buffer, offset: 0, stride: 64, packetBytes: 64, count: 1 };
}

/** Another program that has the HID face open. */
function openRaw(port: LoopbackPort): Promise<Link> {
  return port.source('hid').open({ packets: () => {}, detached: () => {} });
}

/** A session whose channel another program knows. */
async function watchedSession(options: { clock?: VirtualClock } = {}) {
  const rig = await plugDongle({ ...options, seed: 1 });
  let channel = 0;
  const source = tapWire(rig.port.source('hid'), {
    toDevice(bytes) {
      channel = readChannelId(bytes, 0);
      return 'pass';
    },
  });
  const trust = await testTrust();
  const connecting = connect(source, { trust, ...options });
  const dongle = await (options.clock?.run(connecting) ?? connecting);
  return { ...rig, dongle, channel: () => channel, other: await openRaw(rig.port) };
}

test('an answer that nobody read does not disturb the next program', async () => {
  const { port } = await plugDongle();
  const link = await openRaw(port);
  await link.send(packet(0xffffffff, packetCommands.INIT.code, new Uint8Array(8)));
  await link.close();
  await using dongle = await connect(port.source('hid'), { trust: await testTrust() });
  expect(await dongle.echo(data)).toEqual(data);
});

test('a program that opens the face during a call disturbs neither', async () => {
  const { port } = await plugDongle();
  await using dongle = await connect(port.source('hid'), { trust: await testTrust() });
  const [echo, said] = await Promise.all([dongle.echo(data), hello(port.source('hid'))]);
  expect(echo).toEqual(data);
  expect(said.face).toBe('hid');
});

test.each([
  ['an unknown command', 0x50, 0],
  ['a record that does not authenticate', 0x60, 40],
  ['an INIT that is too long', packetCommands.INIT.code, 9],
  ['a LOCK of an hour', packetCommands.LOCK.code, 1],
])(
  '%s on a session’s channel, again and again, does not end it',
  async (_name, command, length) => {
    const { dongle, channel, other } = await watchedSession();
    const junk = new Uint8Array(length).fill(0xee);
    for (let i = 0; i < 20; i++) {
      const echo = dongle.echo(data);
      for (let k = 0; k < 4; k++) await other.send(packet(channel(), command, junk));
      expect(await echo).toEqual(data);
    }
  },
);

test('junk on the broadcast channel does not keep a program from connecting', async () => {
  const { port } = await plugDongle();
  const other = await openRaw(port);
  const connecting = connect(port.source('hid'), { trust: await testTrust() });
  await other.send(packet(0xffffffff, packetCommands.PING.code, data));
  expect(await (await connecting).echo(data)).toEqual(data);
});

test('a message drawn out packet by packet keeps others waiting for two seconds at most', async () => {
  const clock = new VirtualClock();
  const { port, dongle } = await watchedSession({ clock });
  const heard: Uint8Array[] = [];
  const link = await port.source('hid').open({
    packets: ({ buffer, offset }) => heard.push(buffer.slice(offset, offset + 64)),
    detached: () => {},
  });
  await link.send(packet(0xffffffff, packetCommands.INIT.code, new Uint8Array(8)));
  await clock.settle();
  const id = readChannelId(heard.at(-1) as Uint8Array, 15);
  const long = new Uint8Array(64 * 129);
  writePackets(long, 0, 64, 64, id, packetCommands.PING.code, new Uint8Array(7609));
  const drip = (at: number) => {
    void link.send({ buffer: long, offset: at * 64, stride: 64, packetBytes: 64, count: 1 });
    if (at < 20) clock.after(400, () => drip(at + 1));
  };
  drip(0);
  const startMs = clock.now();
  expect(await clock.run(dongle.echo(data))).toEqual(data);
  expect(clock.now() - startMs).toBeLessThanOrEqual(2_100);
});

test('a session that was left behind gives way after ten silent seconds', async () => {
  const clock = new VirtualClock();
  const { port } = await plugDongle({ clock, seed: 1 });
  const trust = await testTrust();
  let isCut = false;
  const cut = tapWire(port.source('hid'), { toDevice: () => (isCut ? 'drop' : 'pass') });
  const open = (source = port.source('hid')) => clock.run(connect(source, { trust, clock }));
  const left = await open(cut);
  const kept: Dongle[] = [];
  for (let i = 0; i < 7; i++) kept.push(await open());
  await clock.advance(20_000);
  await expect(open()).rejects.toMatchObject({ code: 'SESSION_LIMIT' });
  isCut = true;
  await clock.advance(7_000);
  await expect(open()).rejects.toMatchObject({ code: 'SESSION_LIMIT' });
  await clock.advance(3_000);
  const ninth = await open();
  for (const dongle of [ninth, ...kept]) expect(await clock.run(dongle.echo(data))).toEqual(data);
  await expect(clock.run(left.wink())).rejects.toMatchObject({ code: 'LINK_FAILED' });
});

test('an aborted connect gives the link back before it rejects', async () => {
  const { port } = await plugDongle();
  const trust = await testTrust();
  const deaf = tapWire(port.source('vendor'), { toHost: () => 'drop' });
  await expect(connect(deaf, { trust, signal: AbortSignal.timeout(20) })).rejects.toMatchObject({
    code: 'ABORTED',
  });
  await using dongle = await connect(port.source('vendor'), { trust });
  expect(await dongle.echo(data)).toEqual(data);
});

test('a call aborted while its request was lost is cancelled when it is sent again', async () => {
  const clock = new VirtualClock();
  let lose = false;
  let generations = 0;
  const rsa = oneUnit(() => {
    generations++;
    return new Promise<never>(() => {});
  });
  const { port } = await plugDongle({ clock, rsa, seed: 1 });
  const source = tapWire(port.source('hid'), { toDevice: () => (lose ? 'drop' : 'pass') });
  const dongle = await clock.run(connect(source, { trust: await testTrust(), clock }));
  const controller = new AbortController();
  lose = true;
  const generating = dongle.rsa.generate({ bits: 2048 }, { signal: controller.signal });
  controller.abort();
  await expect(generating).rejects.toMatchObject({ code: 'ABORTED' });
  lose = false;
  expect(await clock.run(dongle.echo(data))).toEqual(data);
  expect(generations).toBe(1);
});

test('calls without pause let timers fire', async () => {
  const { port } = await plugDongle();
  await using dongle = await connect(port.source('hid'), { trust: await testTrust() });
  let fired = false;
  setTimeout(() => {
    fired = true;
  }, 20);
  let calls = 0;
  while (!fired && calls < 100_000) {
    await dongle.echo(data);
    calls++;
  }
  expect(fired).toBe(true);
});

test('an engine that throws is a refusal, and the session goes on', async () => {
  const aes = {
    ...nativeAesEngine,
    encrypt() {
      throw new Error('broken');
    },
  };
  const { port } = await plugDongle({ aes });
  await using dongle = await connect(port.source('hid'), { trust: await testTrust() });
  const operation = { mode: 'ctr', iv: new Uint8Array(16), data } as const;
  await expect(dongle.aes.encrypt(operation)).rejects.toMatchObject({ code: 'DEVICE_FAULT' });
  expect(await dongle.echo(data)).toEqual(data);
});

test('jobs that wait for the engine do not start after the power has gone', async () => {
  let started = 0;
  const finish: (() => void)[] = [];
  const rsa = oneUnit(() => {
    started++;
    return new Promise<never>((_resolve, reject) => finish.push(() => reject(new Error('cut'))));
  });
  const { port } = await plugDongle({ rsa });
  const trust = await testTrust();
  const dongles: Dongle[] = [];
  for (let i = 0; i < 3; i++) dongles.push(await connect(port.source('hid'), { trust }));
  for (const dongle of dongles) dongle.rsa.generate({ bits: 2048 }).catch(() => {});
  await new Promise((resolve) => setTimeout(resolve, 5));
  port.unplug();
  for (const end of finish) end();
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(started).toBe(1);
});

test('a dongle pulled out while it boots stays off, and one plugged in twice boots once', async () => {
  const { dongle } = await plugDongle();
  dongle.powerOff();
  const port = new LoopbackPort(dongle);
  const plugging = port.plug();
  port.unplug();
  await plugging;
  expect(dongle.on).toBe(false);
  await expect(hello(port.source('hid'))).rejects.toMatchObject({ code: 'NOT_FOUND' });
  // No firmware is left behind that would take a packet.
  const { usb } = dongle.board;
  usb.reset('high');
  expect(usb.control(Uint8Array.of(0, 9, 1, 0, 0, 0, 0, 0))).toBeUndefined();
  const ping = packet(0xffffffff, packetCommands.PING.code, data);
  expect(usb.outEndpoint(0x01)?.offer(ping.buffer, 0, 64)).toBe('nak');
  await Promise.all([port.plug(), port.plug()]);
  expect(await hello(port.source('hid'))).toMatchObject({ serial: 'LK-TEST' });
});

test('an endless deadline is one, and an impossible one is refused', async () => {
  const { port } = await plugDongle();
  const trust = await testTrust();
  const endless = { deadlineMs: Number.POSITIVE_INFINITY };
  await using dongle = await connect(port.source('hid'), { trust, ...endless });
  expect(await dongle.echo(data, endless)).toEqual(data);
  for (const deadlineMs of [0, -1, Number.NaN]) {
    await expect(dongle.echo(data, { deadlineMs })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
  }
});
