import { describe, expect, test, vi } from 'vitest';
import { cutIntoPackets, longestMessage, RawHost } from '../../../src/conformance/raw-host.ts';
import type { UsbController } from '../../../src/emulator/board/usb-controller.ts';
import { VirtualClock } from '../../../src/emulator/index.ts';
import { connect, hello, type PacketBatch, systemClock } from '../../../src/index.ts';
import { plugDongle, testTrust } from '../../support/rig.ts';
import { bringTo, configure, drain, setup } from './usb-host.ts';

const speeds = ['full', 'high'] as const;
const faces = [
  { face: 'hid', interfaceNumber: 0, out: 0x01, in: 0x81, packetBytes: 64 },
  { face: 'vendor', interfaceNumber: 1, out: 0x02, in: 0x82, packetBytes: 512 },
] as const;
type FaceRow = (typeof faces)[number];

const nonce = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);

/** INIT on the broadcast channel, as one packet of the face. */
function initPacket(packetBytes: number): Uint8Array {
  return cutIntoPackets(packetBytes, 0xffffffff, 0x06, nonce)[0]!;
}

/** Offers one USB packet, zeros unless given. */
function offer(usb: UsbController, face: FaceRow, bytes: number | Uint8Array) {
  const data = typeof bytes === 'number' ? new Uint8Array(bytes) : bytes;
  return usb.outEndpoint(face.out)!.offer(data, 0, data.length);
}

/** Offers a packet of the packet layer in USB packets of the endpoint's size. */
function offerWhole(usb: UsbController, face: FaceRow, packet: Uint8Array): void {
  const size = usb.outEndpoint(face.out)!.packetBytes;
  for (let at = 0; at < packet.length; at += size) {
    expect(offer(usb, face, packet.slice(at, at + size))).toBe('ack');
  }
}

/** Commands of the packets that wait on a face, each 64 or 512 bytes long. */
function answers(usb: UsbController, face: FaceRow): number[] {
  const read = drain(usb.inEndpoint(face.in), Number.POSITIVE_INFINITY);
  return read.flatMap((bytes) =>
    Array.from({ length: bytes.length / face.packetBytes }, (_, i) => {
      return bytes[i * face.packetBytes + 4]! & 0x7f;
    }),
  );
}

const halted = (usb: UsbController, address: number) =>
  usb.control(setup(0x82, 0, 0, address, 2))![0];
const setHalt = (usb: UsbController, address: number) => usb.control(setup(0x02, 3, 0, address, 0));
const clearHalt = (usb: UsbController, address: number) =>
  usb.control(setup(0x02, 1, 0, address, 0));

async function usbAt(speed: (typeof speeds)[number]): Promise<UsbController> {
  return (await plugDongle({ speed })).dongle.board.usb;
}

describe.each(speeds.flatMap((speed) => faces.map((face) => ({ ...face, speed }))))(
  '$face at $speed speed',
  ({ speed, ...face }) => {
    test('a packet gets its answer', async () => {
      const usb = await usbAt(speed);
      offerWhole(usb, face, initPacket(face.packetBytes));
      expect(answers(usb, face)).toEqual([0x06]);
    });

    test.each([0, 1, 63])(
      'a USB packet of %i bytes is no packet and ends nothing',
      async (count) => {
        const usb = await usbAt(speed);
        expect(offer(usb, face, count)).toBe('ack');
        offerWhole(usb, face, initPacket(face.packetBytes));
        expect(answers(usb, face)).toEqual([0x06]);
      },
    );

    test('a halted OUT endpoint stalls until it is cleared', async () => {
      const usb = await usbAt(speed);
      setHalt(usb, face.out);
      expect(halted(usb, face.out)).toBe(1);
      expect(offer(usb, face, 64)).toBe('stall');
      for (const { out, in: input } of faces) {
        if (out !== face.out) expect(halted(usb, out)).toBe(0);
        expect(halted(usb, input)).toBe(0);
      }
      let ready = 0;
      usb.outEndpoint(face.out)!.whenReady(() => ready++);
      clearHalt(usb, face.out);
      expect(ready).toBe(1);
      expect(halted(usb, face.out)).toBe(0);
      offerWhole(usb, face, initPacket(face.packetBytes));
      expect(answers(usb, face)).toEqual([0x06]);
    });

    test('a halted IN endpoint stalls until it is cleared, and keeps what it has', async () => {
      const usb = await usbAt(speed);
      offerWhole(usb, face, initPacket(face.packetBytes));
      setHalt(usb, face.in);
      expect(halted(usb, face.in)).toBe(1);
      expect(usb.inEndpoint(face.in)!.read(512, () => expect.fail('read'))).toBe('stall');
      clearHalt(usb, face.in);
      expect(answers(usb, face)).toEqual([0x06]);
    });

    test.each([
      ['SET_CONFIGURATION', (usb: UsbController) => configure(usb, 1)],
      [
        'SET_INTERFACE',
        (usb: UsbController) => usb.control(setup(0x01, 11, 0, face.interfaceNumber, 0)),
      ],
    ])('%s clears halts and drops what is unread', async (_name, begin) => {
      const usb = await usbAt(speed);
      offerWhole(usb, face, initPacket(face.packetBytes));
      offerWhole(usb, face, initPacket(face.packetBytes));
      setHalt(usb, face.in);
      setHalt(usb, face.out);
      begin(usb);
      expect([halted(usb, face.in), halted(usb, face.out)]).toEqual([0, 0]);
      expect(answers(usb, face)).toEqual([]);
      offerWhole(usb, face, initPacket(face.packetBytes));
      expect(answers(usb, face)).toEqual([0x06]);
    });

    test('without a configuration the endpoints neither take nor give', async () => {
      const usb = await usbAt(speed);
      offerWhole(usb, face, initPacket(face.packetBytes));
      configure(usb, 0);
      expect(offer(usb, face, initPacket(face.packetBytes))).toBe('nak');
      expect(usb.inEndpoint(face.in)!.read(512, () => expect.fail('read'))).toBe('nak');
      configure(usb, 1);
      expect(answers(usb, face)).toEqual([]);
    });

    test('a bus reset switches the endpoints off', async () => {
      const usb = await usbAt(speed);
      setHalt(usb, face.out);
      usb.reset(speed);
      expect(offer(usb, face, 64)).toBe('nak');
      bringTo(usb, 'configured', speed);
      offerWhole(usb, face, initPacket(face.packetBytes));
      expect(answers(usb, face)).toEqual([0x06]);
    });

    test('the longest message comes back whole', async () => {
      const { port } = await plugDongle({ speed });
      const host = await RawHost.open(port.source(face.face), systemClock);
      host.send([initPacket(face.packetBytes)]);
      const { messages } = host.inbox(0xffffffff);
      await vi.waitFor(() => expect(messages).toHaveLength(1));
      const channel = new DataView(messages[0]!.payload.buffer).getUint32(8);
      const payload = Uint8Array.from(
        { length: longestMessage(face.packetBytes) },
        (_, i) => (i * 7) & 0xff,
      );
      host.send(cutIntoPackets(face.packetBytes, channel, 0x01, payload));
      const echoes = host.inbox(channel).messages;
      await vi.waitFor(() => expect(echoes).toHaveLength(1));
      expect(echoes[0]!.payload).toEqual(payload);
      expect(host.faults).toEqual([]);
    });

    test('a session works', async () => {
      const { port } = await plugDongle({ speed });
      await using dongle = await connect(port.source(face.face), { trust: await testTrust() });
      for (const length of [0, 32, 41, 42, 5_000]) {
        const data = new Uint8Array(length).fill(length);
        expect(await dongle.echo(data)).toEqual(data);
      }
    });
  },
);

describe('the vendor face at full speed', () => {
  const vendor = faces[1];
  const init = initPacket(512);

  test.each([
    ['a short USB packet', (usb: UsbController) => offer(usb, vendor, 10)],
    ['an empty USB packet', (usb: UsbController) => offer(usb, vendor, 0)],
    ['clearing a halt', (usb: UsbController) => clearHalt(usb, 0x02)],
    ['SET_CONFIGURATION', (usb: UsbController) => configure(usb, 1)],
    ['SET_INTERFACE', (usb: UsbController) => usb.control(setup(0x01, 11, 0, 1, 0))],
    ['a bus reset', (usb: UsbController) => bringTo(usb, 'configured', 'full')],
  ])('%s drops the packet of which a part has come', async (_name, drop) => {
    for (let parts = 1; parts < 8; parts++) {
      const usb = await usbAt('full');
      for (let i = 0; i < parts; i++) expect(offer(usb, vendor, 64)).toBe('ack');
      drop(usb);
      offerWhole(usb, vendor, init);
      expect(answers(usb, vendor), `${parts} parts`).toEqual([0x06]);
    }
  });

  test('an empty USB packet between packets changes nothing', async () => {
    const usb = await usbAt('full');
    offerWhole(usb, vendor, init);
    offer(usb, vendor, 0);
    offerWhole(usb, vendor, init);
    expect(answers(usb, vendor)).toEqual([0x06, 0x06]);
  });

  test('clearing a halt of the way back does not drop it', async () => {
    const usb = await usbAt('full');
    offer(usb, vendor, init.slice(0, 64));
    clearHalt(usb, 0x82);
    for (let i = 1; i < 8; i++) offer(usb, vendor, init.slice(64 * i, 64 * (i + 1)));
    expect(answers(usb, vendor)).toEqual([0x06]);
  });

  test('what the other face does not gather stays', async () => {
    const usb = await usbAt('full');
    offer(usb, vendor, init.slice(0, 64));
    usb.control(setup(0x01, 11, 0, 0, 0));
    clearHalt(usb, 0x01);
    offer(usb, faces[0], 3);
    for (let i = 1; i < 8; i++) offer(usb, vendor, init.slice(64 * i, 64 * (i + 1)));
    expect(answers(usb, vendor)).toEqual([0x06]);
  });
});

/** So many INIT packets, marked by the first byte of their nonce. */
function inits(packetBytes: number, mark: number, count: number): PacketBatch {
  const buffer = initPacket(packetBytes);
  buffer[7] = mark;
  return { buffer, offset: 0, stride: 0, packetBytes, count };
}

test.each(faces)('on the $face face a transfer waits for the one before it', async (face) => {
  const { port } = await plugDongle({ speed: 'full' });
  const heard: number[] = [];
  const sends: Promise<void>[] = [];
  const send = (mark: number) => sends.push(link.send(inits(face.packetBytes, mark, 100)));
  const link = await port.source(face.face).open({
    packets({ buffer, offset, stride, count }) {
      // There is room again, and the first one does not know yet.
      if (heard.length === 5) send(2);
      for (let i = 0; i < count; i++) heard.push(buffer[offset + i * stride + 7]!);
    },
    detached: () => {},
  });
  send(1);
  await vi.waitFor(() => expect(heard).toHaveLength(200));
  await Promise.all(sends);
  expect(heard).toEqual([1, 2].flatMap((mark) => new Array(100).fill(mark)));
});

test('pulled out whenever while it boots, and plugged in again at once', async () => {
  const { port } = await plugDongle();
  for (let moment = 0; moment < 20; moment++) {
    port.unplug();
    const plugs = [port.plug()];
    for (let i = 0; i < moment; i++) await undefined;
    port.unplug();
    plugs.push(port.plug(), port.plug());
    await Promise.all(plugs);
    const { serial } = await hello(port.source('hid'), { deadlineMs: 500 });
    expect(serial, `after ${moment} ticks`).toBe('LK-TEST');
  }
});

test('transfers that wait end when the dongle is pulled out', async () => {
  const { port } = await plugDongle();
  const link = await port.source('hid').open({ packets: () => {}, detached: () => {} });
  const outcomes = [1, 2].map((mark) =>
    expect(link.send(inits(64, mark, 100))).rejects.toMatchObject({ code: 'DETACHED' }),
  );
  port.unplug();
  await Promise.all(outcomes);
  await expect(link.send(inits(64, 3, 1))).rejects.toMatchObject({ code: 'DETACHED' });
});

test('a halted endpoint fails a transfer, and the next one works', async () => {
  const { dongle, port } = await plugDongle();
  const { usb } = dongle.board;
  const link = await port.source('hid').open({ packets: () => {}, detached: () => {} });
  setHalt(usb, 0x01);
  await expect(link.send(inits(64, 1, 1))).rejects.toMatchObject({ code: 'LINK_FAILED' });
  clearHalt(usb, 0x01);
  await link.send(inits(64, 1, 1));
});

describe.each(speeds)('how a transfer ends at %s speed', (speed) => {
  test('a message of the vendor face by an empty packet, a report by nothing', async () => {
    const usb = await usbAt(speed);
    const ends: Record<string, (readonly [bytes: number, ended: boolean])[]> = {};
    for (const face of faces) {
      offerWhole(usb, face, initPacket(face.packetBytes));
      const input = usb.inEndpoint(face.in)!;
      const seen: (readonly [number, boolean])[] = [];
      while (
        input.read(input.packetBytes, (_bytes, start, end, ended) => {
          seen.push([end - start, ended]);
        }) === 'ack'
      ) {}
      ends[face.face] = seen;
    }
    const full = speed === 'full' ? new Array(8).fill([64, false]) : [[512, false]];
    expect(ends).toEqual({ hid: [[64, false]], vendor: [...full, [0, true]] });
  });
});

describe('sessions', () => {
  test('outlive a second SET_CONFIGURATION, which is no new attach', async () => {
    const { dongle: device, port } = await plugDongle();
    const { usb } = device.board;
    await using dongle = await connect(port.source('vendor'), { trust: await testTrust() });
    const { attachId } = await hello(port.source('hid'));
    configure(usb, 1);
    expect(await dongle.echo(nonce)).toEqual(nonce);
    configure(usb, 0);
    configure(usb, 1);
    expect(await dongle.echo(nonce)).toEqual(nonce);
    expect((await hello(port.source('hid'))).attachId).toEqual(attachId);
  });

  test('a request sent while there is no configuration gets its reply afterwards', async () => {
    const clock = new VirtualClock();
    const { dongle: device, port } = await plugDongle({ clock });
    const { usb } = device.board;
    const trust = await testTrust();
    const dongle = await clock.run(connect(port.source('hid'), { trust, clock }));
    configure(usb, 0);
    const echo = dongle.echo(nonce);
    await clock.advance(100);
    configure(usb, 1);
    expect(await clock.run(echo)).toEqual(nonce);
  });

  test('a bus reset ends them, and the next configuration begins an attach', async () => {
    const { dongle: device, port } = await plugDongle();
    const { usb } = device.board;
    const dongle = await connect(port.source('vendor'), { trust: await testTrust() });
    const { attachId } = await hello(port.source('hid'));
    bringTo(usb, 'configured');
    await expect(dongle.echo(nonce)).rejects.toMatchObject({ code: 'INVALID_CHANNEL' });
    expect((await hello(port.source('hid'))).attachId).not.toEqual(attachId);
  });
});
