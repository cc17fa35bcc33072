import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { duplexPair } from 'node:stream';
import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { concatBytes, fromHex, toHex } from '../../../src/bytes.ts';
import { type EmulatedDongle, UsbIpServer } from '../../../src/emulator/index.ts';
import { Importer, type ImporterReply } from '../../support/usbip-importer.ts';
import { newDongle, startServer, temporaryFolder } from '../../support/usbip-server.ts';

const hid = 1;
const vendor = 2;
const unlinked = -104;
const stall = -32;

/** An INIT packet, and what its answer begins with: the rest is ours to allocate. */
function init(packetBytes: number, nonce = '0102030405060708'): Uint8Array {
  const packet = new Uint8Array(packetBytes);
  packet.set(fromHex(`ffffffff860008${nonce}`));
  return packet;
}
const answerTo = (nonce = '0102030405060708') => `ffffffff860011${nonce}`;

function expectInitAnswer(reply: ImporterReply, packetBytes: number): void {
  expect(reply).toMatchObject({ status: 0, byteCount: packetBytes });
  expect(toHex(reply.data.subarray(0, 15))).toBe(answerTo());
}

async function plugIn(importer: Importer, busId = '1-1'): Promise<void> {
  expect(await importer.import(busId)).toMatchObject({ busId });
  await importer.configure();
}

/** A whole exchange on the HID face, which shows that the dongle is well. */
async function exchange(importer: Importer): Promise<void> {
  const answer = importer.transfer({ endpoint: hid, room: 64 });
  expect(await importer.transfer({ endpoint: hid, data: init(64) })).toMatchObject({
    status: 0,
    byteCount: 64,
  });
  expectInitAnswer(await answer, 64);
}

test('a list says what the descriptors say, and takes no power', async () => {
  const { dongles, connect } = await startServer({ count: 2 });
  const importer = await connect();
  const devices = await importer.list();
  expect(devices).toHaveLength(2);
  expect(devices[1]).toEqual({
    path: '/latchkey/1-2',
    busId: '1-2',
    busNumber: 1,
    deviceNumber: 2,
    speed: 3,
    vendorId: 0x1209,
    productId: 1,
    deviceVersion: expect.any(Number),
    bytes: [0, 0, 0, 1, 1, 2],
    interfaces: [
      [3, 0, 0, 0],
      [0xff, 0x4c, 1, 0],
    ],
  });
  await vi.waitUntil(() => importer.closed);
  expect(dongles.map(({ on }) => on)).toEqual([false, false]);
});

test('a full-speed bus', async () => {
  const { connect } = await startServer({ speed: 'full' });
  expect((await (await connect()).list())[0]).toMatchObject({ speed: 2 });
  const importer = await connect();
  await plugIn(importer);
  const answer = importer.transfer({ endpoint: vendor, room: 512 });
  await importer.transfer({ endpoint: vendor, data: init(512) });
  expectInitAnswer(await answer, 512);
});

test('importing plugs in, and enumeration finds the device', async () => {
  const { dongles, events, connect } = await startServer();
  const importer = await connect();
  expect(await importer.import('1-1')).toMatchObject({ busNumber: 1, deviceNumber: 1, speed: 3 });
  expect(dongles[0]?.on).toBe(true);
  await vi.waitUntil(() => events.length === 1);
  expect(events).toEqual(['1-1 attached']);
  const device = await importer.control('80 06 00 01 00 00 40 00');
  // A short answer is told as short.
  expect(device).toMatchObject({ status: 0, byteCount: 18 });
  expect(toHex(device.data.subarray(0, 2))).toBe('1201');
  const configuration = await importer.control('80 06 00 02 00 00 09 00');
  expect(configuration.data[4]).toBe(2);
  expect(await importer.control('00 09 01 00 00 00 00 00')).toMatchObject({ status: 0 });
  expect(toHex((await importer.control('80 08 00 00 00 00 01 00')).data)).toBe('01');
});

test('replies zero what only requests need', async () => {
  const { connect } = await startServer();
  const importer = await connect();
  await plugIn(importer);
  const { header } = await importer.control('80 06 00 01 00 00 12 00');
  expect(toHex(header.subarray(8, 20))).toBe('00'.repeat(12));
});

test('packets both ways on the HID face', async () => {
  const { connect } = await startServer();
  const importer = await connect();
  await plugIn(importer);
  for (let i = 0; i < 5; i++) await exchange(importer);
});

test('transfers in that wait are served in their order', async () => {
  const { connect } = await startServer();
  const importer = await connect();
  await plugIn(importer);
  const nonces = ['0000000000000001', '0000000000000002', '0000000000000003'];
  const waiting = nonces.map(() => importer.transfer({ endpoint: hid, room: 64 }));
  for (const nonce of nonces) importer.submit({ endpoint: hid, data: init(64, nonce) });
  const answers = (await Promise.all(waiting)).map(({ data }) => toHex(data.subarray(0, 15)));
  expect(answers).toEqual(nonces.map(answerTo));
});

/** A message of the packet layer as 512-byte packets, one behind the other. */
function message(channel: Uint8Array, command: number, payload: Uint8Array): Uint8Array {
  const packets: Uint8Array[] = [];
  const head = concatBytes(
    channel,
    Uint8Array.of(0x80 | command, payload.length >> 8, payload.length),
  );
  let at = 0;
  for (let sequence = -1; at < payload.length || sequence < 0; sequence++) {
    const packet = new Uint8Array(512);
    const front = sequence < 0 ? head : concatBytes(channel, Uint8Array.of(sequence));
    const part = payload.subarray(at, at + 512 - front.length);
    packet.set(front);
    packet.set(part, front.length);
    at += part.length;
    packets.push(packet);
  }
  return concatBytes(...packets);
}

async function openChannel(importer: Importer): Promise<Uint8Array> {
  const answer = importer.transfer({ endpoint: vendor, room: 1024 });
  await importer.transfer({ endpoint: vendor, data: init(512) });
  const { data } = await answer;
  return data.slice(15, 19);
}

const largest = Uint8Array.from({ length: 65_401 }, (_, i) => (i * 31) >> 3);

test('a whole message of 65,401 bytes in one transfer each way', async () => {
  const { connect } = await startServer();
  const importer = await connect();
  await plugIn(importer);
  const channel = await openChannel(importer);
  const ping = message(channel, 0x01, largest);
  expect(ping.length).toBe(129 * 512);
  const answer = importer.transfer({ endpoint: vendor, room: 0x20000 });
  expect(await importer.transfer({ endpoint: vendor, data: ping })).toMatchObject({
    status: 0,
    byteCount: ping.length,
  });
  const { status, byteCount, data } = await answer;
  expect({ status, byteCount }).toEqual({ status: 0, byteCount: ping.length });
  expect(data).toEqual(ping);
});

test('an answer that fills its transfer leaves the empty packet to the next', async () => {
  const { connect } = await startServer();
  const importer = await connect();
  await plugIn(importer);
  const first = importer.transfer({ endpoint: vendor, room: 512 });
  const second = importer.transfer({ endpoint: vendor, room: 512 });
  await importer.transfer({ endpoint: vendor, data: init(512) });
  expect(await first).toMatchObject({ status: 0, byteCount: 512 });
  expect(await second).toMatchObject({ status: 0, byteCount: 0 });
});

test('a short answer is an error where the importer says so', async () => {
  const { connect } = await startServer();
  const importer = await connect();
  await plugIn(importer);
  const answer = importer.transfer({ endpoint: vendor, room: 1024, flags: 0x1 });
  await importer.transfer({ endpoint: vendor, data: init(512) });
  expect(await answer).toMatchObject({ status: -121, byteCount: 512 });
  expect(
    await importer.transfer({
      endpoint: 0,
      room: 64,
      flags: 0x1,
      setup: fromHex('8006000100004000'),
    }),
  ).toMatchObject({ status: -121, byteCount: 18 });
});

test('an answer that does not fit is babble', async () => {
  const { connect } = await startServer();
  const importer = await connect();
  await plugIn(importer);
  const answer = importer.transfer({ endpoint: hid, room: 10 });
  await importer.transfer({ endpoint: hid, data: init(64) });
  const { data, ...rest } = await answer;
  expect(rest).toMatchObject({ status: -75, byteCount: 10 });
  expect(toHex(data)).toBe('ffffffff860011010203');
  expect(
    await importer.transfer({ endpoint: 0, room: 4, setup: fromHex('8006000100001200') }),
  ).toMatchObject({ status: -75, byteCount: 4 });
  await exchange(importer);
});

test('a halted endpoint stalls both ways, until the halt is cleared', async () => {
  const { connect } = await startServer();
  const importer = await connect();
  await plugIn(importer);
  const waiting = importer.transfer({ endpoint: hid, room: 64 });
  for (const address of ['81', '01']) await importer.control(`02 03 00 00 ${address} 00 00 00`);
  expect(await waiting).toMatchObject({ status: stall, byteCount: 0 });
  expect(await importer.transfer({ endpoint: hid, room: 64 })).toMatchObject({ status: stall });
  expect(await importer.transfer({ endpoint: hid, data: init(64) })).toMatchObject({
    status: stall,
    byteCount: 0,
  });
  for (const address of ['81', '01']) await importer.control(`02 01 00 00 ${address} 00 00 00`);
  await exchange(importer);
});

test.each([
  ['a request that the device does not know', '80 55 00 00 00 00 01 00', undefined],
  ['a setup packet that announces more than comes', '21 09 00 02 00 00 40 00', new Uint8Array(3)],
])('%s stalls, and the next works', async (_, setup, data) => {
  const { connect } = await startServer();
  const importer = await connect();
  await plugIn(importer);
  expect(await importer.control(setup, data)).toMatchObject({ status: stall, byteCount: 0 });
  await exchange(importer);
});

test('a data stage against its setup packet stalls', async () => {
  const { connect } = await startServer();
  const importer = await connect();
  await plugIn(importer);
  const wrongWay = { endpoint: 0, setup: fromHex('8006000100001200'), data: new Uint8Array(18) };
  expect(await importer.transfer(wrongWay)).toMatchObject({ status: stall });
  await exchange(importer);
});

test('endpoints that are not there, or not yet, stall', async () => {
  const { connect } = await startServer();
  const importer = await connect();
  await importer.import('1-1');
  expect(await importer.transfer({ endpoint: hid, room: 64 })).toMatchObject({ status: stall });
  await importer.configure();
  for (const endpoint of [3, 15]) {
    expect(await importer.transfer({ endpoint, room: 64 })).toMatchObject({ status: stall });
    expect(await importer.transfer({ endpoint, data: init(64) })).toMatchObject({ status: stall });
  }
  await exchange(importer);
});

test('an empty transfer out', async () => {
  const { connect } = await startServer();
  const importer = await connect();
  await plugIn(importer);
  expect(await importer.transfer({ endpoint: vendor, data: new Uint8Array(0) })).toMatchObject({
    status: 0,
    byteCount: 0,
  });
  await openChannel(importer);
});

test('an unlinked transfer gets no reply and no data', async () => {
  const { connect } = await startServer();
  const importer = await connect();
  await plugIn(importer);
  const { sequence } = importer.submit({ endpoint: hid, room: 64 });
  const behind = importer.submit({ endpoint: hid, room: 64 });
  expect(await importer.unlink(sequence)).toBe(unlinked);
  await importer.transfer({ endpoint: hid, data: init(64) });
  expectInitAnswer(await behind.reply, 64);
  expect(importer.stray).toEqual([]);
  await exchange(importer);
});

test('an unlink of what is answered, or never was, changes nothing', async () => {
  const { connect } = await startServer();
  const importer = await connect();
  await plugIn(importer);
  const { sequence, reply } = importer.submit({
    endpoint: 0,
    room: 18,
    setup: fromHex('8006000100001200'),
  });
  expect(await reply).toMatchObject({ status: 0 });
  expect(await importer.unlink(sequence)).toBe(0);
  expect(await importer.unlink(0xffffffff)).toBe(0);
  await exchange(importer);
});

test('a hub request to reset the port resets the device', async () => {
  const { connect } = await startServer();
  const importer = await connect();
  await plugIn(importer);
  expect(await importer.control('23 03 04 00 01 00 00 00')).toMatchObject({ status: 0 });
  expect(toHex((await importer.control('80 08 00 00 00 00 01 00')).data)).toBe('00');
  await importer.configure();
  await exchange(importer);
});

test('two dongles are used at once, each by its own importer', async () => {
  const { connect } = await startServer({ count: 2 });
  const [first, second] = [await connect(), await connect()];
  await Promise.all([plugIn(first, '1-1'), plugIn(second, '1-2')]);
  const serial = async (importer: Importer) =>
    new TextDecoder('utf-16').decode(
      (await importer.control('80 06 03 03 09 04 ff 00')).data.subarray(2),
    );
  expect(await serial(first)).toBe('LK-1');
  expect(await serial(second)).toBe('LK-2');
  await Promise.all([exchange(first), exchange(second)]);
});

test('a second import and an unknown bus id are refused', async () => {
  const { connect, events } = await startServer();
  const owner = await connect();
  await plugIn(owner);
  for (const busId of ['1-1', '1-2', '', '1-1 ']) {
    const other = await connect();
    expect(await other.import(busId)).toBeUndefined();
    await vi.waitUntil(() => other.closed);
  }
  // Nor does a list disturb the owner.
  expect(await (await connect()).list()).toHaveLength(1);
  await exchange(owner);
  expect(events).toEqual(['1-1 attached']);
});

test('of two imports at the same moment one wins', async () => {
  const { connect } = await startServer();
  const importers = [await connect(), await connect(), await connect()];
  const devices = await Promise.all(importers.map((each) => each.import('1-1')));
  expect(devices.filter((device) => device !== undefined)).toHaveLength(1);
});

test('replug, fifty times from both sides', async () => {
  const { server, dongles, connect, events } = await startServer();
  for (let i = 0; i < 50; i++) {
    const importer = await connect();
    await plugIn(importer);
    await exchange(importer);
    const waiting = importer.transfer({ endpoint: hid, room: 64 });
    if (i % 2 === 0) {
      expect(server.unplug('1-1')).toBe(true);
      await expect(waiting).rejects.toThrow('closed');
    } else {
      importer.stream.destroy();
    }
    await vi.waitUntil(() => events.length === 2 * i + 2);
    expect(dongles[0]?.on).toBe(false);
  }
  expect(server.unplug('1-1')).toBe(false);
  expect(server.unplug('9-9')).toBe(false);
});

test('an importer that vanishes in mid-transfer leaves a dongle that works', async () => {
  const { dongles, connect } = await startServer();
  const whole = message(Uint8Array.of(1, 2, 3, 4), 0x01, largest);
  for (const kept of [1, 47, 48, 49, 1000, 48 + whole.length - 1]) {
    const importer = await connect();
    await plugIn(importer);
    importer.submit({ endpoint: hid, room: 64 });
    const bytes = importer.encode(1000, { endpoint: vendor, data: whole });
    importer.stream.end(bytes.subarray(0, kept));
    await vi.waitUntil(() => dongles[0]?.on === false);
  }
  const importer = await connect();
  await plugIn(importer);
  await exchange(importer);
});

test('an importer that vanishes while the dongle boots', async () => {
  const { connect } = await startServer();
  for (let i = 0; i < 5; i++) {
    const importer = await connect();
    importer.import('1-1').catch(() => {});
    await turn();
    importer.stream.destroy();
  }
  let importer = await connect();
  await vi.waitUntil(async () => {
    // Those that have vanished may not all have been noticed yet.
    if ((await importer.import('1-1')) !== undefined) return true;
    importer = await connect();
    return false;
  });
  await importer.configure();
  await exchange(importer);
});

test('an import that is over before the dongle has booted', async () => {
  const { server, dongles, events, connectInside } = await startServer();
  const importer = connectInside();
  importer.import('1-1').catch(() => {});
  while (!dongles[0]?.on) await new Promise((tick) => process.nextTick(tick));
  expect(events).toEqual([]);
  expect(server.unplug('1-1')).toBe(true);
  expect(dongles[0]?.on).toBe(false);
  const next = connectInside();
  await plugIn(next);
  await exchange(next);
  expect(events).toEqual(['1-1 attached']);
});

test('an import that is over before the dongle has been listed', async () => {
  const dongle = await newDongle();
  await using server = new UsbIpServer([{ dongle }]);
  const connectInside = () => {
    const [ours, theirs] = duplexPair();
    server.accept(theirs);
    return new Importer(ours);
  };
  const list = connectInside().list();
  connectInside()
    .import('1-1')
    .catch(() => {});
  while (!server.unplug('1-1')) await new Promise((tick) => process.nextTick(tick));
  expect(await list).toHaveLength(1);
  await turn();
  expect(dongle.on).toBe(false);
  const next = connectInside();
  await plugIn(next);
  await exchange(next);
});

test.each([
  ['another version', '01108005 00000000'],
  ['a transfer before an import', `00000001${'00'.repeat(44)}`],
  ['nothing that makes sense', 'ff'.repeat(64)],
])('%s ends the connection', async (_, hex) => {
  const { connect } = await startServer();
  const importer = await connect();
  importer.stream.write(fromHex(hex.replaceAll(' ', '')));
  await vi.waitUntil(() => importer.closed);
});

test('requests to another device end the connection', async () => {
  const { connect, dongles } = await startServer();
  const importer = await connect();
  await plugIn(importer);
  const bytes = importer.encode(9, { endpoint: hid, room: 64 });
  bytes[11] = 2;
  importer.stream.write(bytes);
  await vi.waitUntil(() => importer.closed);
  expect(dongles[0]?.on).toBe(false);
});

test('an importer that does not read is waited for, in bounded memory', async () => {
  const { connect } = await startServer();
  const importer = await connect();
  await plugIn(importer);
  const ping = message(await openChannel(importer), 0x01, largest);
  importer.stream.pause();
  const rounds = 300;
  const replies: Promise<ImporterReply>[] = [];
  for (let i = 0; i < rounds; i++) {
    replies.push(importer.transfer({ endpoint: vendor, room: 0x20000 }));
    replies.push(importer.transfer({ endpoint: vendor, data: ping }));
  }
  await delay(300);
  // The server has stopped reading: most of it still waits here.
  expect(importer.stream.writableLength).toBeGreaterThan((rounds - 20) * ping.length);
  importer.stream.resume();
  for (const reply of await Promise.all(replies)) {
    expect(reply).toMatchObject({ status: 0, byteCount: ping.length });
  }
  await exchange(importer);
});

test('more than it holds is refused, and can still be unlinked', async () => {
  const { connect } = await startServer();
  const importer = await connect();
  await plugIn(importer);
  const sent = Array.from({ length: 1024 }, () => importer.submit({ endpoint: hid, room: 64 }));
  expect(await importer.transfer({ endpoint: hid, room: 64 })).toMatchObject({ status: -12 });
  for (const { sequence } of sent) expect(await importer.unlink(sequence)).toBe(unlinked);
  await exchange(importer);
});

test('closing the server pulls all dongles out', async () => {
  const { server, dongles, connect } = await startServer({ count: 2 });
  const importers = [await connect(), await connect(), await connect()];
  await plugIn(importers[0] as Importer, '1-1');
  await plugIn(importers[1] as Importer, '1-2');
  await server.close();
  await vi.waitUntil(() => importers.every(({ closed }) => closed));
  expect(dongles.map(({ on }) => on)).toEqual([false, false]);
  await expect(connect()).rejects.toThrow();
  await server.close();
});

test('closed while it begins to listen, the server does not listen', async () => {
  const path = join(temporaryFolder(), 'a.sock');
  const server = new UsbIpServer([{ dongle: await newDongle() }]);
  const listening = server.listen({ path });
  await server.close();
  await expect(listening).rejects.toMatchObject({ code: 'CLOSED' });
  expect(existsSync(path)).toBe(false);
  const [ours, theirs] = duplexPair();
  server.accept(theirs);
  ours.resume();
  await vi.waitUntil(() => theirs.destroyed);
});

test('whenever an import is cut short, what is told attached is told detached', async () => {
  const { server, dongles, events, connectInside } = await startServer();
  const dongle = dongles[0] as EmulatedDongle;
  const powerOn = dongle.powerOn.bind(dongle);
  const told = new Set<string>();
  for (let moment = 0; moment < 20; moment++) {
    dongle.powerOn = () => {
      const cut = async () => {
        for (let i = 0; i <= moment; i++) await undefined;
        server.unplug('1-1');
      };
      void cut();
      return powerOn();
    };
    const before = events.length;
    await connectInside()
      .import('1-1')
      .catch(() => {});
    await vi.waitUntil(() => !dongle.on);
    told.add(events.slice(before).join());
  }
  expect(told).toEqual(new Set(['', '1-1 attached,1-1 detached']));
});

test('a stream in this process does as well', async () => {
  const { connectInside } = await startServer();
  const importer = connectInside();
  await plugIn(importer);
  await exchange(importer);
});
