import { createPublicKey, verify } from 'node:crypto';
import { expect, test } from 'vitest';
import { commandOf, tapWire } from '../../src/conformance/wire.ts';
import { VirtualClock } from '../../src/emulator/index.ts';
import { connect, type Dongle, type LinkSource } from '../../src/index.ts';
import { isRecordCommand, packetCommands } from '../../src/protocol/packets/index.ts';
import { plugDongle, testTrust } from '../support/rig.ts';

const bytes = (count: number) => Uint8Array.from({ length: count }, (_, i) => i * 7);

async function open(): Promise<{ dongle: Dongle; unplug: () => void }> {
  const { port } = await plugDongle();
  const dongle = await connect(port.source('hid'), { trust: await testTrust() });
  return { dongle, unplug: () => port.unplug() };
}

test.each([
  ['hid', 0],
  ['hid', 32],
  ['hid', 1000],
  ['hid', 7500],
  ['vendor', 7500],
  ['vendor', 65_000],
] as const)('echoes over %s: %i bytes', async (face, count) => {
  const { port } = await plugDongle();
  await using dongle = await connect(port.source(face), { trust: await testTrust() });
  expect(await dongle.echo(bytes(count))).toEqual(bytes(count));
});

test('refuses a request that no message holds, and goes on', async () => {
  const { dongle } = await open();
  await expect(dongle.echo(bytes(7600))).rejects.toMatchObject({ code: 'REQUEST_TOO_LARGE' });
  await expect(dongle.random(7600)).rejects.toMatchObject({ code: 'REQUEST_TOO_LARGE' });
  await expect(dongle.random(-1)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  expect(await dongle.echo(bytes(3))).toEqual(bytes(3));
});

test.each(['cbc', 'ctr', 'gcm'] as const)('encrypts and decrypts with %s', async (mode) => {
  const { dongle } = await open();
  const iv = bytes(mode === 'gcm' ? 12 : 16);
  const data = bytes(64);
  const sealed = await dongle.aes.encrypt({ mode, iv, data });
  expect(sealed).toHaveLength(mode === 'gcm' ? 80 : 64);
  expect(sealed.subarray(0, 64)).not.toEqual(data);
  expect(await dongle.aes.decrypt({ mode, iv, data: sealed })).toEqual(data);
});

test('GCM authenticates its associated data', async () => {
  const { dongle } = await open();
  const operation = { mode: 'gcm', iv: bytes(12), ad: bytes(5) } as const;
  const sealed = await dongle.aes.encrypt({ ...operation, data: bytes(10) });
  expect(await dongle.aes.decrypt({ ...operation, data: sealed })).toEqual(bytes(10));
  await expect(
    dongle.aes.decrypt({ ...operation, ad: bytes(6), data: sealed }),
  ).rejects.toMatchObject({ code: 'DECRYPT_FAILED' });
});

test.each(['pkcs1', 'pss'] as const)('signs with %s what OpenSSL verifies', async (scheme) => {
  const { dongle } = await open();
  const { key } = await dongle.rsa.generate({ bits: 2048 });
  const signature = await dongle.rsa.sign({ key, scheme, hash: 'sha384', message: bytes(500) });
  const { modulus, exponent } = await dongle.rsa.publicKey({ key });
  const jwk = {
    kty: 'RSA',
    n: Buffer.from(modulus).toString('base64url'),
    e: Buffer.from(exponent).toString('base64url'),
  };
  const publicKey = createPublicKey({ key: jwk, format: 'jwk' });
  const padding = scheme === 'pss' ? { padding: 6, saltLength: 48 } : {};
  expect(verify('sha384', bytes(500), { key: publicKey, ...padding }, signature)).toBe(true);
  expect(verify('sha384', bytes(501), { key: publicKey, ...padding }, signature)).toBe(false);
});

test('`await using` ends the session, and the calls after it', async () => {
  const { port } = await plugDongle();
  const trust = await testTrust();
  let left: Dongle;
  for (let i = 0; i < 20; i++) {
    await using dongle = await connect(port.source('vendor'), { trust });
    left = dongle;
  }
  await expect(left!.echo(bytes(1))).rejects.toMatchObject({ code: 'CLOSED' });
  await left!.close();
});

test('closing fails what is under way with CLOSED', async () => {
  const { dongle } = await open();
  const generating = dongle.rsa.generate({ bits: 4096 });
  const waiting = dongle.echo(bytes(3));
  const outcomes = Promise.allSettled([generating, waiting]);
  await dongle.close();
  for (const outcome of await outcomes) {
    expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'CLOSED' } });
  }
});

test('unplugging fails what is under way, what waits and what comes later with DETACHED', async () => {
  const { dongle, unplug } = await open();
  const calls = [dongle.rsa.generate({ bits: 4096 }), dongle.echo(bytes(3)), dongle.wink()];
  const outcomes = Promise.allSettled(calls);
  setTimeout(unplug, 30);
  for (const outcome of await outcomes) {
    expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'DETACHED' } });
  }
  await expect(dongle.echo(bytes(1))).rejects.toMatchObject({ code: 'DETACHED' });
});

test('an aborted call ends at once, is cancelled on the dongle, and the next call works', async () => {
  const { dongle } = await open();
  const controller = new AbortController();
  const generating = dongle.rsa.generate({ bits: 4096 }, { signal: controller.signal });
  setTimeout(() => controller.abort(new Error('enough')), 30);
  await expect(generating).rejects.toMatchObject({ code: 'ABORTED', cause: { message: 'enough' } });
  expect(await dongle.echo(bytes(8))).toEqual(bytes(8));
});

test('a call that waits for its turn can be aborted, and is never sent', async () => {
  const { dongle } = await open();
  const controller = new AbortController();
  const generating = dongle.rsa.generate({ bits: 2048 });
  const waiting = dongle.wink({ signal: controller.signal });
  controller.abort();
  await expect(waiting).rejects.toMatchObject({ code: 'ABORTED' });
  await expect(dongle.wink({ signal: controller.signal })).rejects.toMatchObject({
    code: 'ABORTED',
  });
  await generating;
});

test('a call past its deadline ends with TIMEOUT, and the session goes on', async () => {
  const { dongle } = await open();
  await expect(dongle.rsa.generate({ bits: 4096 }, { deadlineMs: 20 })).rejects.toMatchObject({
    code: 'TIMEOUT',
  });
  expect(await dongle.echo(bytes(8))).toEqual(bytes(8));
});

/** A session whose wire can lose or alter packets. */
async function openOnBadWire(hand: {
  toDevice?(packet: Uint8Array): 'drop' | 'pass';
  toHost?(packet: Uint8Array): 'drop' | 'pass';
}) {
  const clock = new VirtualClock();
  const { dongle: device, port } = await plugDongle({ clock, seed: 1 });
  const source: LinkSource = tapWire(port.source('hid'), hand);
  const dongle = await clock.run(connect(source, { trust: await testTrust(), clock }));
  return { clock, device, dongle };
}

const isRecord = (packet: Uint8Array) => isRecordCommand(commandOf(packet) ?? 0);

test('a lost answer is asked for anew after a second, and the command is done once', async () => {
  let lose = false;
  const { clock, device, dongle } = await openOnBadWire({
    toHost(packet) {
      if (!lose || !isRecord(packet)) return 'pass';
      lose = false;
      return 'drop';
    },
  });
  lose = true;
  const startMs = clock.now();
  await clock.run(dongle.wink());
  expect(clock.now() - startMs).toBe(1000);
  expect(device.board.led.winks).toBe(1);
});

test('a lost request is sent again', async () => {
  let lose = false;
  const { clock, device, dongle } = await openOnBadWire({
    toDevice(packet) {
      if (!lose || !isRecord(packet)) return 'pass';
      lose = false;
      return 'drop';
    },
  });
  lose = true;
  await clock.run(dongle.wink());
  expect(device.board.led.winks).toBe(1);
});

test('an answer whose end is lost is asked for again after half a second', async () => {
  let lose = false;
  const { clock, dongle } = await openOnBadWire({
    toHost(packet) {
      if (!lose || commandOf(packet) !== undefined || packet[4] !== 3) return 'pass';
      lose = false;
      return 'drop';
    },
  });
  lose = true;
  const startMs = clock.now();
  // One init packet and four continuation packets each way; the last of the answer is lost.
  expect(await clock.run(dongle.echo(bytes(250)))).toEqual(bytes(250));
  expect(clock.now() - startMs).toBe(500);
});

test('one packet of a long request lost: the message is sent again as a whole', async () => {
  let seen = 0;
  let lose = false;
  const { clock, dongle } = await openOnBadWire({
    toDevice: (packet) =>
      lose && commandOf(packet) === undefined && ++seen === 5 ? 'drop' : 'pass',
  });
  lose = true;
  expect(await clock.run(dongle.echo(bytes(3000)))).toEqual(bytes(3000));
});

test('a dongle that answers nothing any more is given up after three attempts', async () => {
  let cut = false;
  const { clock, dongle } = await openOnBadWire({ toHost: () => (cut ? 'drop' : 'pass') });
  cut = true;
  const startMs = clock.now();
  const call = dongle.echo(bytes(3), { deadlineMs: 60_000 });
  await expect(clock.run(call)).rejects.toMatchObject({ code: 'LINK_FAILED' });
  expect(clock.now() - startMs).toBe(3000);
  await expect(dongle.echo(bytes(3))).rejects.toMatchObject({ code: 'LINK_FAILED' });
});

test('answers altered on the wire are never taken, and the genuine one is asked for', async () => {
  let alter = false;
  const { clock, dongle } = await openOnBadWire({
    toHost(packet) {
      if (alter && isRecord(packet)) {
        alter = false;
        packet[25] = (packet[25] as number) ^ 4;
      }
      return 'pass';
    },
  });
  alter = true;
  expect(await clock.run(dongle.echo(bytes(20)))).toEqual(bytes(20));
});

test('a forged error cannot make the host do a thing twice or take a wrong answer', async () => {
  let forge = false;
  const { clock, device, dongle } = await openOnBadWire({
    toHost(packet) {
      if (forge && isRecord(packet)) {
        forge = false;
        packet.set([packetCommands.ERROR.code | 0x80, 0, 1, 0xf1], 4);
      }
      return 'pass';
    },
  });
  forge = true;
  await clock.run(dongle.wink());
  expect(device.board.led.winks).toBe(1);
});
