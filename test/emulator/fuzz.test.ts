import { expect, test } from 'vitest';
import { type LoopbackPort, VirtualClock } from '../../src/emulator/index.ts';
import { connect, type Link } from '../../src/index.ts';
import { packetCommands } from '../../src/protocol/packets/index.ts';
import { plugDongle, testTrust } from '../support/rig.ts';
import { createRandom, long, seed } from '../support/seed.ts';

const inputs = long ? 2_000_000 : 100_000;
const codes = [...Object.values(packetCommands).map(({ code }) => code), 0x03, 0x10, 0x7f];

test(`${inputs} packets of nonsense at a whole dongle: the next good request works (SEED=${seed})`, {
  timeout: 3_600_000,
}, async () => {
  const random = createRandom(seed);
  const clock = new VirtualClock();
  const { port } = await plugDongle({ clock, seed });
  const trust = await testTrust();
  const heard: Uint8Array[] = [];
  const link = await openRaw(port, heard);
  const channels = [0xffffffff];

  for (let i = 1; i <= inputs; i++) {
    const packet = random.bytes(64);
    new DataView(packet.buffer).setUint32(0, channels[random.below(channels.length)]!);
    if (random.below(8) > 0) {
      packet[4] = 0x80 | codes[random.below(codes.length)]!;
      packet[5] = random.below(16) > 0 ? 0 : packet[5]!;
      packet[6] = random.below(80);
    } else if (random.below(2) > 0) {
      packet[4] = random.below(4);
    }
    await link.send({ buffer: packet, offset: 0, stride: 64, packetBytes: 64, count: 1 });
    if (random.below(50) === 0) await clock.advance(random.below(400));
    for (const answer of heard.splice(0)) {
      // INIT answers bring channels to go on with; only the newest few are kept.
      if (answer[4] !== (0x80 | packetCommands.INIT.code)) continue;
      channels.push(new DataView(answer.buffer, answer.byteOffset).getUint32(15));
      if (channels.length > 6) channels.splice(1, 1);
    }
    if (i % 2000 === 0) {
      const dongle = await clock.run(connect(port.source('vendor'), { trust, clock }));
      const data = random.bytes(700);
      expect(await clock.run(dongle.echo(data))).toEqual(data);
      await clock.run(dongle.close());
    }
  }
});

async function openRaw(port: LoopbackPort, heard: Uint8Array[]): Promise<Link> {
  return port.source('hid').open({
    packets: ({ buffer, offset, packetBytes }) => {
      heard.push(buffer.slice(offset, offset + packetBytes));
    },
    detached: () => {},
  });
}
