import { describe, expect, test } from 'vitest';
import { tapWire } from '../../src/conformance/wire.ts';
import { VirtualClock } from '../../src/emulator/index.ts';
import type { Dongle, Link, LinkSource, Runtime } from '../../src/index.ts';
import { plugDongle } from '../support/rig.ts';
import { restarted, runtimeOn, TestHost } from './test-host.ts';

// What `kill -9` leaves of a host: whatever had been sent, and the ticket that was kept last.

const data = new Uint8Array(200).fill(7);

/** A link that carries so many packets, both ways together, and then nothing; it counts them. */
function lasting(source: LinkSource, packets: number, died: () => void) {
  let count = 0;
  let link: Link | undefined;
  const deed = () => {
    if (count === packets) died();
    return count++ < packets ? 'pass' : 'drop';
  };
  const opening: LinkSource = {
    face: source.face,
    async open(listener) {
      link = await source.open(listener);
      return link;
    },
  };
  return {
    source: tapWire(opening, { toDevice: deed, toHost: deed }),
    count: () => count,
    close: async () => link?.close(),
  };
}

/** What a service does: connects, works, is idle, ends. */
async function work(host: TestHost, clock: VirtualClock, source: LinkSource, runtime: Runtime) {
  const dongle = await host.connecting(source, runtime);
  await dongle.echo(data);
  await dongle.wink();
  await new Promise<void>((resolve) => clock.after(3_000, resolve));
  await dongle.close();
}

async function scene() {
  const clock = new VirtualClock();
  const { port } = await plugDongle({ clock, seed: 1 });
  return { clock, port, runtime: await runtimeOn('a') };
}

describe.each(['hid', 'vendor'] as const)('over %s', (face) => {
  test.each([
    ['kept', (runtime: Runtime) => runtime],
    [
      'not written in time',
      (runtime: Runtime): Runtime => ({ ...runtime, keepTicket: () => new Promise(() => {}) }),
    ],
  ])(
    'a host that dies at any packet, its new ticket %s, is bound again within a second',
    async (_name, dying) => {
      const whole = await scene();
      const counting = lasting(whole.port.source(face), Number.POSITIVE_INFINITY, () => {});
      const wholeHost = new TestHost(whole.clock);
      await whole.clock.run(work(wholeHost, whole.clock, counting.source, whole.runtime));
      const total = counting.count();
      expect(total).toBeGreaterThan(10);

      const { clock, port, runtime } = await scene();
      // The lineage has a ticket already.
      const first = await new TestHost(clock).connect(port.source(face), runtime);
      await clock.run(first.close());
      let slowestMs = 0;
      for (let packets = 0; packets < total; packets++) {
        const host = new TestHost(clock);
        let died = false;
        const wire = lasting(port.source(face), packets, () => {
          died = true;
          host.freeze();
        });
        // Nobody waits for the dead.
        void work(host, clock, wire.source, dying(restarted(runtime))).catch(() => {});
        for (let ms = 0; !died && ms < 5_000; ms += 10) await clock.advance(10);
        host.freeze();
        // The system closes what a dead program had open.
        await wire.close();
        const startMs = clock.now();
        const again: Dongle[] = [];
        const service = new TestHost(clock);
        const instance = restarted(runtime);
        again.push(await service.connect(port.source(face), instance));
        slowestMs = Math.max(slowestMs, clock.now() - startMs);
        // Nothing of the dead is left behind: there is room for all eight sessions.
        while (again.length < 8) again.push(await service.connect(port.source('hid'), instance));
        for (const dongle of again) await clock.run(dongle.close());
      }
      expect(slowestMs).toBeLessThanOrEqual(1_000);
    },
  );
});
