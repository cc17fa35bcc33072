import { expect, test } from 'vitest';
import { tapWire } from '../../src/conformance/wire.ts';
import { VirtualClock } from '../../src/emulator/index.ts';
import { connect, DongleError, errorTable } from '../../src/index.ts';
import { plugDongle, testTrust } from '../support/rig.ts';
import { createRandom, long, seed } from '../support/seed.ts';

const sessions = long ? 20_000 : 1_000;

test(`${sessions} sessions with a device that answers nonsense end in named errors (SEED=${seed})`, {
  timeout: 3_600_000,
}, async () => {
  const random = createRandom(seed);
  const clock = new VirtualClock();
  const { port } = await plugDongle({ clock, seed });
  const trust = await testTrust();
  const codes = new Map<string, number>();

  for (let i = 0; i < sessions; i++) {
    let begin = random.below(30);
    const rate = 1 + random.below(6);
    const source = tapWire(port.source('hid'), {
      toHost(packet) {
        if (begin-- > 0 || random.below(rate) > 0) return 'pass';
        spoil(packet);
        return random.below(10) === 0 ? 'drop' : 'pass';
      },
    });
    const code = await clock.run(useDongle(source), 600_000);
    codes.set(code, (codes.get(code) ?? 0) + 1);
  }

  for (const code of codes.keys()) expect(['fine', ...Object.keys(errorTable)]).toContain(code);
  // Some sessions survive the nonsense, most do not.
  expect(codes.get('fine')).toBeGreaterThan(0);
  expect(codes.get('LINK_FAILED')).toBeGreaterThan(0);
  expect(codes.size).toBeGreaterThan(2);
  const dongle = await clock.run(connect(port.source('hid'), { trust, clock }));
  expect(await clock.run(dongle.random(5))).toHaveLength(5);

  function spoil(packet: Uint8Array): void {
    const from = random.below(8) === 0 ? 0 : 4;
    const count = random.below(3) === 0 ? packet.length - from : 1 + random.below(4);
    const at = random.below(3) === 0 ? from : from + random.below(packet.length - from - count + 1);
    packet.set(random.bytes(Math.min(count, packet.length - at)), at);
  }

  async function useDongle(source: ReturnType<typeof tapWire>): Promise<string> {
    try {
      const dongle = await connect(source, { trust, clock });
      try {
        const data = random.bytes(random.below(400));
        expect(await dongle.echo(data)).toEqual(data);
        await dongle.wink();
      } finally {
        await dongle.close();
      }
      return 'fine';
    } catch (error) {
      // The session that is left behind on the dongle goes when this runtime binds it again.
      if (error instanceof DongleError) return error.code;
      throw error;
    }
  }
});
