import { expect, test } from 'vitest';
import { equalBytes, noBytes } from '../../src/bytes.ts';
import { connect } from '../../src/index.ts';
import type { LinkSource } from '../../src/link.ts';
import { echo, encodeRequest } from '../../src/protocol/commands/index.ts';
import { usbFunctions } from '../../src/protocol/usb/index.ts';
import { openHid } from '../../src/transport/hid.ts';
import { EmulatedHidraw } from '../support/emulated-hid.ts';
import { testTrust } from '../support/rig.ts';
import { expectNoUnhandledRejections, Heard, initBatch, plugIntoHost, settled } from './plug.ts';

const { inAddress, outAddress } = usbFunctions.hid;

/** What one packet has room for, in bytes. */
const smallPlaintextBytes = 41;

expectNoUnhandledRejections();

/** A dongle in a port, its HID driver, and a way to open it. */
async function machine() {
  const host = await plugIntoHost();
  const hidraw = new EmulatedHidraw(host);
  const source: LinkSource = {
    face: 'hid',
    open: async (listener) => openHid(hidraw.open(), listener),
  };
  return { host, hidraw, source };
}

test('a session over the HID face', async () => {
  const { source } = await machine();
  await using dongle = await connect(source, { trust: await testTrust() });
  expect(dongle.face).toBe('hid');
  for (const bytes of [0, 41, 42, 7500]) {
    const data = Uint8Array.from({ length: bytes }, (_, i) => i * 3);
    expect(equalBytes(await dongle.echo(data), data)).toBe(true);
  }
});

test('a message’s reports are queued at once, and all go out', async () => {
  const { host, hidraw } = await machine();
  const device = hidraw.open();
  const source: LinkSource = { face: 'hid', open: async (listener) => openHid(device, listener) };
  await using dongle = await connect(source, { trust: await testTrust() });
  const before = host.transfers.get(outAddress)!;
  await dongle.echo(new Uint8Array(7500));
  const reports = host.transfers.get(outAddress)! - before;
  expect(reports).toBe(128);
  // The first one is under way, the rest wait behind it.
  expect(device.longestQueue).toBe(reports - 1);
});

test('a report is a view on the batch, with the report id in front', async () => {
  const { hidraw } = await machine();
  const device = hidraw.open();
  const link = openHid(device, new Heard());
  const batch = initBatch(link);
  batch.buffer[0] = 0xee;
  const { write } = device;
  const written: Buffer[] = [];
  device.write = (report) => {
    written.push(report);
    return write.call(device, report);
  };
  await link.send(batch);
  expect(batch).toMatchObject({ offset: 1, stride: 65, packetBytes: 64 });
  expect(written.map(({ length, buffer }) => [length, buffer === batch.buffer.buffer])).toEqual([
    [65, true],
  ]);
  expect(written[0]?.[0]).toBe(0);
});

test('every program gets every report, and both have sessions', async () => {
  const { source } = await machine();
  const trust = await testTrust();
  await using one = await connect(source, { trust });
  await using other = await connect(source, { trust });
  const data = new Uint8Array(3000).fill(1);
  const answers = await Promise.all([one.echo(data), other.echo(data)]);
  for (const answer of answers) expect(equalBytes(answer, data)).toBe(true);
});

test('unplugged in the middle of a call: it fails with DETACHED, and so does the next', async () => {
  const { source, host } = await machine();
  const dongle = await connect(source, { trust: await testTrust() });
  const call = dongle.rsa.generate({ bits: 2048 });
  await settled();
  host.unplug();
  await expect(call).rejects.toMatchObject({ code: 'DETACHED' });
  await expect(dongle.wink()).rejects.toMatchObject({ code: 'DETACHED' });
  await dongle.close();
});

test('writes that fail before the system tells of the unplugging fail with DETACHED', async () => {
  const { host, hidraw } = await machine();
  const heard = new Heard();
  const device = hidraw.open();
  const link = openHid(device, heard);
  const sends = Promise.allSettled([link.send(initBatch(link)), link.send(initBatch(link))]);
  host.unplug();
  for (const each of await sends) {
    expect(each).toMatchObject({ status: 'rejected', reason: { code: 'DETACHED' } });
  }
  expect(heard.ends).toEqual(['DETACHED']);
  await link.close();
  expect(device.closings).toBe(1);
});

test('a write that fails while the device stays is LINK_FAILED', async () => {
  const { hidraw } = await machine();
  const heard = new Heard();
  const device = hidraw.open();
  const link = openHid(device, heard);
  device.write = () => Promise.reject(new Error('Cannot write to hid device: Broken pipe'));
  await expect(link.send(initBatch(link))).rejects.toMatchObject({
    code: 'LINK_FAILED',
    cause: { message: /Broken pipe/ },
  });
  expect(heard.ends).toEqual(['LINK_FAILED']);
});

test('it is closed once, and nothing is heard afterwards', async () => {
  const { hidraw } = await machine();
  const heard = new Heard();
  const device = hidraw.open();
  const link = openHid(device, heard);
  await link.send(initBatch(link));
  const { length } = heard.batches;
  const closings = [link.close(), link.close()];
  // It takes node-hid up to 50 ms to stop reading.
  device.emit('data', new Uint8Array(64));
  device.emit('error', 'could not read from HID device');
  await Promise.all(closings);
  await link.close();
  expect(device.closings).toBe(1);
  expect(heard.batches).toHaveLength(length);
  expect(heard.ends).toEqual([]);
  await expect(link.send(initBatch(link))).rejects.toMatchObject({ code: 'CLOSED' });
});

test('it may be closed as soon as it is open', async () => {
  const { hidraw } = await machine();
  const device = hidraw.open();
  await openHid(device, new Heard()).close();
  expect(device.closings).toBe(1);
});

test('closing does not wait for a dongle that takes nothing', async () => {
  const { hidraw } = await machine();
  const device = hidraw.open();
  const link = openHid(device, new Heard());
  device.close = () => new Promise(() => {});
  const startMs = performance.now();
  await link.close();
  expect(performance.now() - startMs).toBeLessThan(3000);
});

test.each([0, 63, 65])('a report of %i bytes is not ours', async (bytes) => {
  const { hidraw } = await machine();
  const heard = new Heard();
  const device = hidraw.open();
  openHid(device, heard);
  device.emit('data', new Uint8Array(bytes));
  expect(heard.batches).toEqual([]);
});

test('a small exchange takes one report each way', async () => {
  const { host, source } = await machine();
  await using dongle = await connect(source, { trust: await testTrust() });
  // As much as fits a packet with its header and the seal: 41 bytes of plaintext.
  const data = new Uint8Array(
    smallPlaintextBytes - (encodeRequest(echo, { data: noBytes }).length + 1),
  );
  expect(encodeRequest(echo, { data })).toHaveLength(smallPlaintextBytes);
  const count = () => [outAddress, inAddress].map((address) => host.transfers.get(address)!);
  const before = count();
  await dongle.echo(data);
  expect(count()).toEqual(before.map((transfers) => transfers + 1));
  await dongle.echo(new Uint8Array(data.length + 1));
  expect(count()[0]).toBe(before[0]! + 3);
});
