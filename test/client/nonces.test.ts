import { afterEach, expect, test, vi } from 'vitest';
import { suite } from '#crypto';
import { toHex } from '../../src/bytes.ts';
import { tapWire } from '../../src/conformance/wire.ts';
import { VirtualClock } from '../../src/emulator/index.ts';
import { connect, DongleError } from '../../src/index.ts';
import { plugDongle, testTrust } from '../support/rig.ts';
import { createRandom, seed } from '../support/seed.ts';

const realAead = suite.aead;

afterEach(() => {
  vi.restoreAllMocks();
});

/** Watches every sealing of this process, host's and dongle's, and counts those of each nonce. */
function watchSealings(): Map<string, number> {
  const sealings = new Map<string, number>();
  vi.spyOn(suite, 'aead').mockImplementation((key) => {
    const aead = realAead(key);
    return {
      ...aead,
      seal(counter, ad, plaintext, out) {
        const pair = `${toHex(key)}/${counter}`;
        sealings.set(pair, (sealings.get(pair) ?? 0) + 1);
        return aead.seal(counter, ad, plaintext, out);
      },
    };
  });
  return sealings;
}

test(`no key seals twice under one nonce, whatever is cancelled, lost or altered (SEED=${seed})`, async () => {
  const random = createRandom(seed);
  const sealings = watchSealings();
  const clock = new VirtualClock();
  const { port } = await plugDongle({ clock, seed });
  let bad = false;
  let calm = 0;
  // A message that is spoiled gets through when it is sent again: three failures would end the session.
  const spoil = (packet: Uint8Array) => {
    if (!bad || calm-- > 0) return 'pass';
    const fate = random.below(100);
    if (fate > 1) return 'pass';
    calm = 60;
    if (fate === 0) return 'drop';
    // The header is left alone: an error about it would not be a loss, and end the session.
    packet[7 + random.below(57)]! ^= 1 << random.below(8);
    return 'pass';
  };
  const source = tapWire(port.source('hid'), { toDevice: spoil, toHost: spoil });
  const dongle = await clock.run(connect(source, { trust: await testTrust(), clock }));
  bad = true;

  let done = 0;
  async function caller(): Promise<void> {
    for (let i = 0; i < 25; i++) {
      const controller = new AbortController();
      const data = random.bytes(random.below(300));
      const call = dongle.echo(data, { signal: controller.signal, deadlineMs: 600_000 });
      // Cancelled before it is sent, or while it is under way; some calls are left alone.
      if (random.below(3) === 0) clock.after(random.below(20), () => controller.abort());
      try {
        expect(await call).toEqual(data);
        done++;
      } catch (error) {
        if (!(error instanceof DongleError) || error.code !== 'ABORTED') throw error;
      }
    }
  }
  await clock.run(Promise.all(Array.from({ length: 64 }, caller)), 86_400_000);

  expect(done).toBeGreaterThan(500);
  // A request and its reply are sealed by different keys; so is each handshake message.
  expect(sealings.size).toBeGreaterThan(2 * done);
  expect(Math.max(...sealings.values())).toBe(1);
});
