import { expect, test } from 'vitest';
import { VirtualClock } from '../../src/emulator/index.ts';
import { connect, createTrustStore, hello, type LinkSource, testRoot } from '../../src/index.ts';
import { plugDongle, testTrust } from '../support/rig.ts';

/** A device that takes everything and says nothing. */
const silent: LinkSource = {
  face: 'hid',
  open: async () => ({
    face: 'hid',
    packetBytes: 64,
    headroomBytes: 0,
    send: async () => {},
    close: async () => {},
  }),
};

test.each(['hid', 'vendor'] as const)('opens a session over the %s face', async (face) => {
  const { port } = await plugDongle({ serial: 'LK-0007' });
  await using dongle = await connect(port.source(face), { trust: await testTrust() });
  expect(dongle.face).toBe(face);
  expect(dongle.identity).toEqual({
    vendor: 1,
    serial: 'LK-0007',
    model: 'Emulated Standard',
    capabilities: ['aes', 'rsa', 'ecc', 'memory', 'licenses'],
    minimumProtocol: 1,
    test: true,
    rootName: testRoot.name,
  });
});

test('asks a dongle who it is without a session', async () => {
  const { port } = await plugDongle({ serial: 'LK-0008' });
  expect(await hello(port.source('vendor'))).toMatchObject({
    serial: 'LK-0008',
    face: 'vendor',
    versions: [1],
    largestMessage: 65_401,
  });
});

test('refuses a dongle with another serial, and gives it back', async () => {
  const { port } = await plugDongle({ serial: 'LK-0007' });
  const trust = await testTrust();
  await expect(connect(port.source('vendor'), { trust, serial: 'LK-0009' })).rejects.toMatchObject({
    code: 'SERIAL_MISMATCH',
    message: expect.stringContaining('LK-0007'),
  });
  await using dongle = await connect(port.source('vendor'), { trust, serial: 'LK-0007' });
  expect(dongle.identity.serial).toBe('LK-0007');
});

test('refuses a TEST dongle with a production trust store', async () => {
  const { port } = await plugDongle();
  const production = await createTrustStore({ roots: [testRoot] });
  if (!production.ok) throw new Error(production.detail);
  await expect(connect(port.source('hid'), { trust: production.value })).rejects.toMatchObject({
    code: 'CERTIFICATE_TEST',
  });
});

test('gives up a silent device after three attempts', async () => {
  const clock = new VirtualClock();
  const connecting = connect(silent, { trust: await testTrust(), clock });
  await expect(clock.run(connecting)).rejects.toMatchObject({ code: 'LINK_FAILED' });
  expect(clock.now()).toBe(3_000);
});

test('keeps to the deadline', async () => {
  const clock = new VirtualClock();
  const connecting = connect(silent, { trust: await testTrust(), clock, deadlineMs: 250 });
  await expect(clock.run(connecting)).rejects.toMatchObject({ code: 'TIMEOUT' });
  expect(clock.now()).toBe(250);
});

test('keeps to the deadline with a link that cannot be closed', async () => {
  const clock = new VirtualClock();
  const stuck: LinkSource = {
    face: 'hid',
    async open(listener) {
      const link = await silent.open(listener);
      return { ...link, close: () => Promise.reject(new Error('stuck')) };
    },
  };
  const connecting = connect(stuck, { trust: await testTrust(), clock, deadlineMs: 250 });
  await expect(clock.run(connecting)).rejects.toMatchObject({ code: 'TIMEOUT' });
});

test('ends when its signal aborts, before or while it connects', async () => {
  const trust = await testTrust();
  await expect(connect(silent, { trust, signal: AbortSignal.abort('no') })).rejects.toMatchObject({
    code: 'ABORTED',
    cause: 'no',
  });
  const controller = new AbortController();
  const connecting = connect(silent, { trust, signal: controller.signal });
  controller.abort();
  await expect(connecting).rejects.toMatchObject({ code: 'ABORTED' });
});

test('tells that there is no dongle', async () => {
  const { port } = await plugDongle();
  port.unplug();
  await expect(connect(port.source('hid'), { trust: await testTrust() })).rejects.toMatchObject({
    code: 'NOT_FOUND',
  });
});

test('tells that the vendor interface is claimed, and that of HID is not exclusive', async () => {
  const { port } = await plugDongle();
  const trust = await testTrust();
  await using first = await connect(port.source('vendor'), { trust });
  await expect(connect(port.source('vendor'), { trust })).rejects.toMatchObject({
    code: 'LINK_FAILED',
  });
  await using second = await connect(port.source('hid'), { trust });
  await using third = await connect(port.source('hid'), { trust });
  for (const dongle of [first, second, third]) {
    expect(await dongle.echo(Uint8Array.of(1, 2, 3))).toEqual(Uint8Array.of(1, 2, 3));
  }
});
