import { describe, expect, test } from 'vitest';
import { VirtualClock } from '../../src/emulator/index.ts';
import type { Runtime } from '../../src/index.ts';
import { plugDongle } from '../support/rig.ts';
import { oneUnit } from '../support/simulated-rsa.ts';
import { cuttable, refusal, runtimeOn, TestHost, twoMachines } from './test-host.ts';

const data = Uint8Array.of(1, 2, 3);

describe('several connects of one runtime', () => {
  test('at once are sessions of one binding', async () => {
    const { clock, port, a, ofA } = await twoMachines();
    let tickets = 0;
    const counting: Runtime = {
      ...ofA,
      keepTicket(dongle, ticket) {
        tickets++;
        return ofA.keepTicket(dongle, ticket);
      },
    };
    const dongles = await clock.run(
      Promise.all(Array.from({ length: 8 }, () => a.connecting(port.source('hid'), counting))),
    );
    expect(dongles.map(({ epoch }) => epoch)).toEqual(Array(8).fill(1));
    expect(tickets).toBe(1);
    await clock.advance(60_000);
    for (const dongle of dongles) expect(await clock.run(dongle.echo(data))).toEqual(data);
    expect(a.told).toEqual(['bound']);
  });

  test('that come and go at the same time never disturb each other', async () => {
    const { clock, port, a, ofA } = await twoMachines();
    async function comeAndGo(): Promise<void> {
      for (let i = 0; i < 25; i++) {
        const dongle = await a.connecting(port.source('hid'), ofA);
        await dongle.echo(data);
        await dongle.close();
      }
    }
    await clock.run(Promise.all([comeAndGo(), comeAndGo(), comeAndGo()]));
    expect(a.told.filter((kind) => kind !== 'bound')).toEqual([]);
  });

  test('to dongles of one serial, as two vendors may give them, are of two bindings', async () => {
    const { clock, port, a, ofA } = await twoMachines();
    const other = await plugDongle({ clock, seed: 2 });
    const first = await a.connect(port.source('hid'), ofA);
    const second = await a.connect(other.port.source('hid'), ofA);
    expect([first.epoch, second.epoch]).toEqual([1, 1]);
    expect(first.licensed && second.licensed).toBe(true);
    expect(a.told).toEqual(['bound', 'bound']);
    expect(ofA.tickets.size).toBe(2);
    await clock.run(second.close());
    expect((await a.connect(port.source('vendor'), ofA)).epoch).toBe(1);
  });

  test('wait for the invitation of a session that is at work, and end nothing', async () => {
    const clock = new VirtualClock();
    let finish = () => {};
    const generated = new Promise<never>((_resolve, reject) => {
      finish = () => reject(new Error('worn out'));
    });
    const { port } = await plugDongle({ clock, seed: 1, rsa: oneUnit(() => generated) });
    const host = new TestHost(clock);
    const runtime = await runtimeOn('a');
    const first = await host.connect(port.source('hid'), runtime);
    const generating = refusal(first.rsa.generate({ bits: 2048 }, { deadlineMs: 600_000 }));
    const second = host.connecting(port.source('vendor'), runtime, { deadlineMs: 600_000 });
    const hasty = refusal(host.connecting(port.source('hid'), runtime));
    await clock.advance(60_000);
    expect(await hasty).toMatchObject({ code: 'TIMEOUT' });
    expect(first.licensed).toBe(false);
    expect(first.lifetime.aborted).toBe(false);
    finish();
    expect((await clock.run(second)).epoch).toBe(1);
    expect(await generating).toMatchObject({ code: 'DEVICE_FAULT' });
    await clock.advance(10);
    expect(first.licensed).toBe(true);
    expect(host.told).toEqual(['bound']);
  });

  test('come by ticket when the living session does not answer', async () => {
    const { clock, port, a, ofA } = await twoMachines();
    const wire = cuttable(port);
    const dead = await a.connect(wire.source, ofA);
    wire.cut();
    const startMs = clock.now();
    const second = await a.connect(port.source('hid'), ofA);
    expect(clock.now() - startMs).toBeLessThanOrEqual(3_000);
    expect(second.epoch).toBe(2);
    expect(dead.lifetime.reason).toMatchObject({ code: 'LINK_FAILED' });
    await clock.advance(60_000);
    expect(second.licensed).toBe(true);
  });

  test('hold the dongle for this machine until the last session is over', async () => {
    const { clock, port, a, ofA } = await twoMachines();
    const deeds: string[] = [];
    const holding: Runtime = {
      ...ofA,
      hold(dongle) {
        deeds.push(`hold ${dongle.replace(/[0-9a-f]{16}$/, 'hash')}`);
        return { invitation: undefined, release: () => void deeds.push('release') };
      },
    };
    const first = await a.connect(port.source('hid'), holding);
    const second = await a.connect(port.source('hid'), holding);
    await clock.run(first.close());
    expect(deeds).toEqual(['hold LK-TEST-hash']);
    port.unplug();
    await clock.settle();
    expect(deeds).toEqual(['hold LK-TEST-hash', 'release']);
    await clock.run(second.close());
    expect(deeds).toEqual(['hold LK-TEST-hash', 'release']);
  });
});
