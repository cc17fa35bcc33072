import { expect, test } from 'vitest';
import { answerLimit } from '../../src/emulator/firmware/limits.ts';
import {
  EmulatedDongle,
  LoopbackPort,
  MemoryFlash,
  manufacture,
  PowerCut,
  seededRandom,
  TornFlash,
  VirtualClock,
} from '../../src/emulator/index.ts';
import { connect, createRuntime, type Link, type PacketBatch } from '../../src/index.ts';
import {
  broadcastChannel,
  packetCommands,
  writePackets,
} from '../../src/protocol/packets/index.ts';
import { plugDongle, testTrust } from '../support/rig.ts';
import { oneUnit } from '../support/simulated-rsa.ts';

const bytes = (...values: number[]) => Uint8Array.from(values);

/** INIT on the broadcast channel: one packet, one answer. */
function initPacket(): PacketBatch {
  const buffer = new Uint8Array(64);
  writePackets(buffer, 0, 64, 64, broadcastChannel, packetCommands.INIT.code, new Uint8Array(8));
  return { buffer, offset: 0, stride: 64, packetBytes: 64, count: 1 };
}

test('erased or damaged flash does not boot', async () => {
  const erased = new LoopbackPort(new EmulatedDongle());
  await expect(erased.plug()).rejects.toMatchObject({ code: 'FLASH_INVALID' });
  for (let address = 0; address < 300; address++) {
    const flash = new MemoryFlash();
    await manufacture(flash, seededRandom(1), 'LK-1');
    if (flash.read(address, 1)[0] === 0) continue;
    flash.program(address, bytes(0));
    const port = new LoopbackPort(new EmulatedDongle({ flash }));
    await expect(port.plug(), `cell ${address}`).rejects.toMatchObject({ code: 'FLASH_INVALID' });
  }
});

test('a damaged store does not boot, and what is wrong with it is said', async () => {
  const flash = new MemoryFlash();
  await manufacture(flash, seededRandom(1), 'LK-1');
  // The only page of the store that has something in it.
  flash.program(flash.pageBytes, new Uint8Array(64));
  const port = new LoopbackPort(new EmulatedDongle({ flash }));
  const plugging = port.plug();
  await expect(plugging).rejects.toMatchObject({ code: 'FLASH_INVALID' });
  await expect(plugging).rejects.toThrow(/damaged: its? [a-z ]+\. Give another file/);
});

test('a power cut while the store is opened is no fault of the dongle', async () => {
  const flash = new TornFlash(new MemoryFlash());
  await manufacture(flash, seededRandom(1), 'LK-1');
  const dongle = new EmulatedDongle({ flash });
  await dongle.powerOn();
  dongle.powerOff();
  // Something is left to be finished at the next boot.
  flash.program(flash.pageBytes + 256, new Uint8Array(1));
  flash.cutAt(1, () => false);
  await expect(dongle.powerOn()).rejects.toBeInstanceOf(PowerCut);
  expect(dongle.on).toBe(false);
});

test('a dongle that loses power while it boots leaves its flash alone', async () => {
  const flash = new TornFlash(new MemoryFlash());
  await manufacture(flash, seededRandom(1), 'LK-1');
  // The same: opening the store would write.
  flash.program(flash.pageBytes + 256, new Uint8Array(1));
  const before = flash.operations;
  const dongle = new EmulatedDongle({ flash });
  const booting = dongle.powerOn();
  dongle.powerOff();
  await booting;
  expect(flash.operations).toBe(before);
  await dongle.powerOn();
  expect(flash.operations).toBeGreaterThan(before);
});

test('a dongle whose flash fails stops, and goes on where it was when it gets power again', async () => {
  const clock = new VirtualClock();
  const flash = new TornFlash(new MemoryFlash());
  await manufacture(flash, seededRandom(1), 'LK-1');
  const { port } = await plugDongle({ clock, flash });
  const options = { trust: await testTrust(), clock, runtime: await createRuntime() };
  flash.cutAt(1, (bit) => bit % 2 === 0);
  const cut = connect(port.source('hid'), options);
  await expect(clock.run(cut)).rejects.toMatchObject({ code: 'LINK_FAILED' });
  port.unplug();
  flash.powerOn();
  await port.plug();
  const dongle = await clock.run(connect(port.source('hid'), options));
  await clock.run(dongle.wink());
  await clock.run(dongle.close());
});

test('a dongle that has power keeps no program alive', async () => {
  const timers = () => process.getActiveResourcesInfo().filter((each) => each === 'Timeout').length;
  const before = timers();
  await plugDongle();
  expect(timers()).toBe(before);
});

test('a seed determines the dongle, byte for byte', async () => {
  const images = [7, 7, 8].map(async (seed) => {
    const flash = new MemoryFlash();
    await manufacture(flash, seededRandom(seed));
    return flash.read(0, 4096);
  });
  const [one, same, other] = await Promise.all(images);
  expect(one).toEqual(same);
  expect(one).not.toEqual(other);
});

test('a dongle keeps who it is over power cycles, but no session and no session key', async () => {
  const { port } = await plugDongle({ serial: 'LK-42' });
  const trust = await testTrust();
  const before = await connect(port.source('hid'), { trust });
  const operation = { mode: 'ctr', iv: new Uint8Array(16), data: bytes(1, 2, 3) } as const;
  const sealed = await before.aes.encrypt(operation);
  port.unplug();
  await port.plug();
  await expect(before.wink()).rejects.toMatchObject({ code: 'DETACHED' });
  await using after = await connect(port.source('hid'), { trust });
  expect(after.identity.serial).toBe('LK-42');
  expect(await after.aes.encrypt(operation)).toEqual(sealed);
  await expect(after.rsa.publicKey({ key: 0x8000 })).rejects.toMatchObject({
    code: 'KEY_NOT_FOUND',
  });
});

test('a bus reset ends the sessions', async () => {
  const { port } = await plugDongle();
  const trust = await testTrust();
  const before = await connect(port.source('hid'), { trust });
  port.reset();
  await expect(before.wink()).rejects.toMatchObject({ code: 'DETACHED' });
  await using after = await connect(port.source('hid'), { trust });
  await after.wink();
});

test('a host that never reads is held off, and what the dongle keeps for it is bounded', async () => {
  const { dongle, port } = await plugDongle();
  const { usb } = dongle.board;
  const out = usb.outEndpoint(0x01)!;
  // Nobody has the face open, so nobody reads.
  let taken = 0;
  while (taken < 1_000 && out.offer(initPacket().buffer, 0, 64) === 'ack') taken++;
  expect(taken).toBe(answerLimit + 1);
  expect(usb.inEndpoint(0x81)?.busy).toBe(true);
  const heard: number[] = [];
  const link = await open(port, heard);
  // Reading sets it free again; a packet that was NAKed is offered by its sender once more.
  await link.send(initPacket());
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(heard).toHaveLength(taken + 1);
});

test('senders that were held off all get through, in the order of their offers', async () => {
  const { port } = await plugDongle();
  const heard: number[] = [];
  const link = await open(port, heard);
  const { buffer } = initPacket();
  const many = { buffer, offset: 0, stride: 0, packetBytes: 64, count: 3 * answerLimit };
  await Promise.all([link.send(many), link.send(many)]);
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(heard).toHaveLength(6 * answerLimit);
});

test('every program that has the HID face open gets every packet', async () => {
  const { port } = await plugDongle();
  const first: number[] = [];
  const second: number[] = [];
  const link = await open(port, first);
  await open(port, second);
  await link.send(initPacket());
  await Promise.resolve();
  expect(first).toEqual([packetCommands.INIT.code]);
  expect(second).toEqual(first);
});

test('work that ends after the power has gone is heard by nobody', async () => {
  const clock = new VirtualClock();
  let finish = () => {};
  const rsa = oneUnit(
    () =>
      new Promise<never>((_resolve, reject) => {
        finish = () => reject(new Error('no power'));
      }),
  );
  const { port } = await plugDongle({ clock, rsa });
  const dongle = await clock.run(connect(port.source('hid'), { trust: await testTrust(), clock }));
  const generating = dongle.rsa.generate({ bits: 2048 });
  const outcome = expect(generating).rejects.toMatchObject({ code: 'DETACHED' });
  await clock.advance(50);
  port.unplug();
  await port.plug();
  const heard: number[] = [];
  await open(port, heard);
  finish();
  await clock.advance(1000);
  await outcome;
  expect(heard).toEqual([]);
});

test('a fault of the engine is a refusal, and the next request works', async () => {
  const rsa = oneUnit(() => Promise.reject(new Error('broken')));
  const { port } = await plugDongle({ rsa });
  await using dongle = await connect(port.source('hid'), { trust: await testTrust() });
  await expect(dongle.rsa.generate({ bits: 2048 })).rejects.toMatchObject({ code: 'DEVICE_FAULT' });
  expect(await dongle.echo(bytes(5))).toEqual(bytes(5));
});

/** Opens the HID face; `heard` gets the command of each packet. */
function open(port: LoopbackPort, heard: number[]): Promise<Link> {
  return port.source('hid').open({
    packets({ buffer, offset, stride, count }) {
      for (let i = 0; i < count; i++) heard.push(buffer[offset + i * stride + 4]! & 0x7f);
    },
    detached: () => {},
  });
}

test('in virtual time, calls in a row take none', async () => {
  const clock = new VirtualClock();
  const { port } = await plugDongle({ clock, seed: 1 });
  const trust = await testTrust();
  const dongle = await clock.run(connect(port.source('hid'), { clock, trust }));
  const beganMs = clock.now();
  const work = async () => {
    for (let i = 0; i < 300; i++) await dongle.echo(bytes(1, 2, 3));
  };
  await clock.run(work());
  expect(clock.now()).toBe(beganMs);
});
