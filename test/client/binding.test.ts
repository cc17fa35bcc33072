import { describe, expect, test } from 'vitest';
import { commandOf, tapWire } from '../../src/conformance/wire.ts';
import { type Dongle, DongleError, type Runtime } from '../../src/index.ts';
import { isRecordCommand, packetCommands } from '../../src/protocol/packets/index.ts';
import {
  cloned,
  cuttable,
  refusal,
  restarted,
  runtimeOn,
  TestHost,
  twoMachines,
} from './test-host.ts';

const data = Uint8Array.of(1, 2, 3);

describe('a new binding', () => {
  test('is told once, with its epoch', async () => {
    const { port, a, ofA } = await twoMachines();
    const dongle = await a.connect(port.source('hid'), ofA);
    expect(dongle.epoch).toBe(1);
    expect(dongle.licensed).toBe(true);
    expect(a.events).toEqual([{ kind: 'bound', epoch: 1 }]);
  });

  test('sends nothing before its ticket is kept', async () => {
    const { clock, port, a, ofA } = await twoMachines();
    let records = 0;
    const source = tapWire(port.source('hid'), {
      toDevice(packet) {
        if (isRecordCommand(commandOf(packet) ?? 0)) records++;
        return 'pass';
      },
    });
    let kept = () => {};
    const keepTicket = () => new Promise<void>((resolve) => (kept = resolve));
    const connecting = a.connecting(source, { ...ofA, keepTicket }, { deadlineMs: 60_000 });
    await clock.advance(9_000);
    expect(records).toBe(0);
    kept();
    const dongle = await clock.run(connecting);
    await clock.run(dongle.echo(data));
    expect(records).toBeGreaterThan(0);
  });

  test('that cannot be kept is none, and the ticket before is still good', async () => {
    const { clock, port, a, ofA } = await twoMachines();
    const before = await a.connect(port.source('hid'), ofA);
    await clock.run(before.echo(data));
    const full = {
      ...restarted(ofA),
      keepTicket: () => Promise.reject(new DongleError('FILE_FAILED')),
    };
    expect(await refusal(a.connect(port.source('hid'), full))).toMatchObject({
      code: 'FILE_FAILED',
    });
    const again = await a.connect(port.source('hid'), restarted(ofA));
    expect(again.epoch).toBe(3);
  });
});

test('a machine that slept while it was bound has no dongle, and may try again', async () => {
  const { port, a, ofA } = await twoMachines();
  let sleepy = true;
  const runtime: Runtime = {
    ...ofA,
    keepTicket(dongle, ticket) {
      if (sleepy) a.setClock(5_000);
      sleepy = false;
      return ofA.keepTicket(dongle, ticket);
    },
  };
  expect(await refusal(a.connect(port.source('hid'), runtime))).toMatchObject({
    code: 'BINDING_LOST',
  });
  expect(a.told).toEqual(['bound', 'binding-lost']);
  expect((await a.connect(port.source('hid'), runtime)).licensed).toBe(true);
});

describe('another runtime', () => {
  test('is refused while the owner lives, and the owner hears each knock once', async () => {
    const { clock, port, a, b, ofA, ofB } = await twoMachines();
    const owner = await a.connect(port.source('hid'), ofA);
    const refused = await refusal(b.connect(port.source('hid'), ofB));
    expect(refused).toMatchObject({ code: 'BOUND_ELSEWHERE', waitMs: expect.any(Number) });
    expect(refused.waitMs).toBeGreaterThan(0);
    expect(refused.waitMs).toBeLessThanOrEqual(10_000);
    await clock.advance(30_000);
    expect(owner.licensed).toBe(true);
    expect(a.events.slice(1)).toEqual([{ kind: 'knocked', knocks: 1 }]);
    await refusal(b.connect(port.source('hid'), ofB));
    await clock.advance(30_000);
    expect(a.events.slice(2)).toEqual([{ kind: 'knocked', knocks: 2 }]);
    expect(b.events).toEqual([]);
  });

  test('is heard to knock also while the owner has much to say', async () => {
    const { clock, port, a, b, ofA, ofB } = await twoMachines();
    const owner = await a.connect(port.source('hid'), ofA);
    await refusal(b.connect(port.source('hid'), ofB));
    for (let i = 0; i < 150; i++) {
      await clock.run(owner.echo(data));
      await clock.advance(100);
    }
    expect(a.told).toEqual(['bound', 'knocked']);
  });

  test('gets the dongle when the owner has fallen silent, and never are both licensed', async () => {
    const { clock, port, a, b, ofA, ofB } = await twoMachines();
    const wire = cuttable(port);
    const owner = await a.connect(wire.source, ofA);
    await clock.advance(20_000);
    wire.cut();
    const cutAtMs = clock.now();
    let lostAtMs: number | undefined;
    let other: Dongle | undefined;
    for (let i = 0; other === undefined; i++) {
      await clock.advance(100);
      if (!owner.licensed) lostAtMs ??= clock.now();
      // A knock each 100 ms would be sharing; this one is patient.
      if (i % 105 !== 0) continue;
      other = await b.connect(port.source('hid'), ofB).catch(() => undefined);
      expect(owner.licensed && other?.licensed).not.toBe(true);
    }
    expect(lostAtMs).toBeDefined();
    expect((lostAtMs ?? 0) - cutAtMs).toBeLessThanOrEqual(8_200);
    expect(other.epoch).toBe(2);
    expect(a.told).toEqual(['bound', 'detached']);
  });

  test('gets it at once after END, and the last of several sessions is what counts', async () => {
    const { clock, port, a, b, ofA, ofB } = await twoMachines();
    const first = await a.connect(port.source('hid'), ofA);
    const second = await a.connect(port.source('vendor'), ofA);
    await clock.run(first.close());
    expect(await refusal(b.connect(port.source('hid'), ofB))).toMatchObject({
      code: 'BOUND_ELSEWHERE',
    });
    await clock.run(second.close());
    expect((await b.connect(port.source('hid'), ofB)).epoch).toBe(2);
    expect(a.told).toEqual(['bound']);
  });

  test('gets it by HANDOVER if it is the one that was named', async () => {
    const { clock, port, a, b, ofA, ofB } = await twoMachines();
    const owner = await a.connect(port.source('hid'), ofA);
    expect(await clock.run(owner.handOver(ofB.key.publicKey))).toBe(30_000);
    expect(owner.licensed).toBe(false);
    expect(owner.lifetime.reason).toMatchObject({ code: 'CLOSED' });
    const stranger = await runtimeOn('c');
    expect(await refusal(b.connect(port.source('hid'), stranger))).toMatchObject({
      code: 'BOUND_ELSEWHERE',
    });
    expect((await b.connect(port.source('hid'), ofB)).epoch).toBe(2);
    expect(a.told).toEqual(['bound']);
    expect(b.told).toEqual(['bound']);
  });
});

describe('a restarted service', () => {
  test('supersedes its old self, which hears it at once and stays away', async () => {
    const { clock, port, a, ofA } = await twoMachines();
    const old = await a.connect(port.source('hid'), ofA);
    const restartedHost = new TestHost(clock);
    const again = await restartedHost.connect(port.source('hid'), restarted(ofA));
    await clock.settle();
    expect(again.epoch).toBe(2);
    expect(old.licensed).toBe(false);
    expect(old.lifetime.reason).toMatchObject({ code: 'SUPERSEDED' });
    expect(a.told).toEqual(['bound', 'superseded']);
    expect(await refusal(a.connect(port.source('hid'), ofA))).toMatchObject({
      code: 'SUPERSEDED',
    });
    expect(again.licensed).toBe(true);
    await clock.advance(60_000);
    expect(a.told).toEqual(['bound', 'superseded']);
    expect(restartedHost.told).toEqual(['bound']);
  });
});

test('a locked dongle says for how long, before anything else is said', async () => {
  const { clock, port, a, b, ofA, ofB } = await twoMachines();
  const hosts = [
    [a, ofA],
    [b, ofB],
  ] as const;
  let locked: DongleError | undefined;
  for (let i = 0; locked?.code !== 'LOCKED_OUT' && i < 30; i++) {
    const [host, runtime] = hosts[i % 2] as (typeof hosts)[number];
    // Switched from one to the other by a hub.
    port.unplug();
    await clock.run(port.plug());
    await clock.advance(100);
    locked = await host.connect(port.source('hid'), runtime).then(
      () => undefined,
      (reason) => reason,
    );
  }
  expect(locked).toMatchObject({ code: 'LOCKED_OUT', waitMs: 300_000 });
  await clock.advance(100_000);
  let handshakes = 0;
  const watched = tapWire(port.source('hid'), {
    toDevice(packet) {
      if (commandOf(packet) === packetCommands.HANDSHAKE.code) handshakes++;
      return 'pass';
    },
  });
  const refused = await refusal(a.connect(watched, ofA));
  expect(refused.message).toMatch(/\((200|199|201) s left\)/);
  expect(handshakes).toBe(0);
  await clock.advance(201_000);
  expect((await a.connect(port.source('hid'), ofA)).licensed).toBe(true);
});

test('of a machine and its clone, one at most holds the dongle, and it is told', async () => {
  const { clock, port, a, b, ofA } = await twoMachines();
  const first = await a.connect(port.source('hid'), ofA);
  await clock.run(first.echo(data));
  const clone = cloned(ofA);
  // The clone has the latest ticket, so it may be the one to go on; the machine cannot then.
  const second = await b.connect(port.source('hid'), clone);
  await clock.settle();
  expect(first.licensed).toBe(false);
  expect(a.told).toHaveLength(2);
  await clock.run(second.echo(data));
  const stale = await refusal(a.connect(port.source('hid'), restarted(ofA)));
  expect(stale).toMatchObject({ code: 'BOUND_ELSEWHERE' });
  await clock.advance(5_000);
  expect(b.told).toEqual(['bound', 'knocked']);
  expect(second.licensed).toBe(true);
});
