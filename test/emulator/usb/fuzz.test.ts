import { expect, test } from 'vitest';
import { cutIntoPackets } from '../../../src/conformance/raw-host.ts';
import type { UsbController } from '../../../src/emulator/board/usb-controller.ts';
import { VirtualClock } from '../../../src/emulator/index.ts';
import { connect } from '../../../src/index.ts';
import { plugDongle, testTrust } from '../../support/rig.ts';
import { createRandom, long, type Random, seed } from '../../support/seed.ts';
import { configure, setup } from './usb-host.ts';

const requests = long ? 20_000_000 : 1_000_000;
const requestsPerRound = 5_000;

/** Requests to begin with, nearly all good: type, request, wValue, wIndex, wLength. */
const corpus: readonly (readonly [number, number, number, number, number])[] = [
  [0x80, 0, 0, 0, 2],
  [0x81, 0, 0, 1, 2],
  [0x82, 0, 0, 0x81, 2],
  [0x02, 1, 0, 0x81, 0],
  [0x02, 1, 0, 0x02, 0],
  [0x02, 3, 0, 0x82, 0],
  [0x02, 3, 0, 0x01, 0],
  [0x00, 3, 2, 0x0500, 0],
  [0x00, 5, 9, 0, 0],
  [0x80, 6, 0x0100, 0, 18],
  [0x80, 6, 0x0200, 0, 512],
  [0x80, 6, 0x0303, 0x0409, 255],
  [0x80, 6, 0x0600, 0, 10],
  [0x80, 6, 0x0700, 0, 9],
  [0x80, 6, 0x0f00, 0, 57],
  [0x80, 8, 0, 0, 1],
  [0x00, 9, 1, 0, 0],
  [0x00, 9, 1, 0, 0],
  [0x00, 9, 1, 0, 0],
  [0x00, 9, 0, 0, 0],
  [0x81, 10, 0, 1, 1],
  [0x01, 11, 0, 0, 0],
  [0x82, 12, 0, 0x81, 2],
  [0x81, 6, 0x2100, 0, 9],
  [0x81, 6, 0x2200, 0, 512],
  [0xa1, 1, 0x0100, 0, 64],
  [0x21, 9, 0x0200, 0, 64],
  [0xa1, 2, 0, 0, 1],
  [0x21, 10, 0, 0, 0],
  [0xc0, 1, 1, 2, 255],
  [0xc0, 2, 0, 7, 0xffff],
];

const fieldLimits = [256, 256, 0x1_0000, 0x1_0000, 0x1_0000];

function nextSetup(random: Random): Uint8Array {
  const fields = [...random.pick(corpus)];
  const changes = random.below(8) === 0 ? 5 : random.below(3);
  for (let i = 0; i < changes; i++) {
    const field = changes === 5 ? i : random.below(5);
    const limit = fieldLimits[field]!;
    fields[field] =
      random.below(2) === 0
        ? random.below(limit)
        : fields[field]! ^ (1 << random.below(Math.log2(limit)));
  }
  const [type, request, value, index, length] = fields as [number, number, number, number, number];
  return setup(type, request, value, index, length);
}

const junk = createRandom(seed ^ 0xf00d).bytes(0x1_0001);
const init = [64, 512].map(
  (bytes) => cutIntoPackets(bytes, 0xffffffff, 0x06, junk.slice(0, 8))[0]!,
);

/** What comes with a setup packet: mostly as much as it says. */
function nextData(random: Random, packet: Uint8Array): Uint8Array {
  const length = packet[0]! < 0x80 ? packet[6]! | (packet[7]! << 8) : 0;
  if (random.below(20) === 0) return junk.subarray(0, random.below(70));
  return length === 64 && random.below(2) === 0 ? init[0]! : junk.subarray(1, 1 + length);
}

/** A USB packet out and some in, on any endpoint. */
function passTraffic(random: Random, usb: UsbController): void {
  const number = 1 + random.below(2);
  const source = random.below(2) === 0 ? init[number - 1]! : junk;
  const size = random.pick([0, 1, 63, 64, 64, 64, 512, 512]);
  const offset = size === 64 && source.length === 512 ? 64 * random.below(8) : 0;
  usb.outEndpoint(number)!.offer(source, offset, Math.min(size, source.length));
  const limit = random.pick([1, 64, 100, 512, 70_000]);
  let read = 0;
  usb.inEndpoint(0x80 + number)!.read(limit, (_bytes, start, end) => {
    read = end - start;
  });
  if (read > Math.max(limit, 512)) throw new Error(`${read} bytes where ${limit} fit`);
}

test(`${requests} control requests of nonsense: sessions and the next good request work (SEED=${seed})`, {
  timeout: 3_600_000,
}, async () => {
  const random = createRandom(seed);
  const clock = new VirtualClock();
  const { dongle: device, port } = await plugDongle({
    clock,
    seed,
    // Attaches follow each other faster here than a dongle puts up with.
    rules: { attaches: { count: 64, withinMs: 0 } },
  });
  const { usb } = device.board;
  const trust = await testTrust();
  let answered = 0;

  for (let done = 0; done < requests; ) {
    port.unplug();
    await port.plug({ speed: random.pick(['full', 'high']) });
    const face = random.pick(['hid', 'vendor'] as const);
    const dongle = await clock.run(connect(port.source(face), { trust, clock }));

    let testing = false;
    for (let i = 0; i < requestsPerRound && !testing; i++, done++) {
      const packet = nextSetup(random);
      const answer = usb.control(packet, nextData(random, packet));
      if (random.below(8) === 0) passTraffic(random, usb);
      if (answer === undefined) continue;
      answered++;
      const allowed = packet[0]! < 0x80 ? 0 : packet[6]! | (packet[7]! << 8);
      if (answer.length > allowed) expect.fail(`${answer.length} bytes for ${packet}`);
      // SET_FEATURE(TEST_MODE), which lasts until the power is cut.
      testing = packet[0] === 0x00 && packet[1] === 3;
    }

    if (testing) {
      expect(usb.control(setup(0x80, 0, 0, 0, 2))).toBeUndefined();
      continue;
    }
    configure(usb, 1);
    // Time for a message that was cut short.
    await clock.advance(1_000);
    const data = random.bytes(100);
    expect(await clock.run(dongle.echo(data))).toEqual(data);
    await clock.run(dongle.close());

    port.reset();
    const next = await clock.run(connect(port.source('vendor'), { trust, clock }));
    expect(await clock.run(next.echo(data))).toEqual(data);
    await clock.run(next.close());
  }
  // Enough of them must have been good ones.
  expect(answered / requests).toBeGreaterThan(0.1);
});
