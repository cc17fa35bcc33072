import { expect, test } from 'vitest';
import { MemoryFlash, manufacture, systemRandom, VirtualClock } from '../../src/emulator/index.ts';
import type { Dongle, Runtime } from '../../src/index.ts';
import { plugDongle } from '../support/rig.ts';
import { restarted, runtimeOn, TestHost } from './test-host.ts';

interface Scene {
  readonly clock: VirtualClock;
  readonly port: Awaited<ReturnType<typeof plugDongle>>['port'];
  readonly host: TestHost;
  readonly runtime: Runtime;
  readonly dongle: Dongle;
}

/** Each way that a session can end, and what is told of it. */
const ends: readonly [string, string[], string, (scene: Scene) => Promise<void>][] = [
  ['is closed', [], 'CLOSED', ({ clock, dongle }) => clock.run(dongle.close())],
  [
    'is handed over',
    [],
    'CLOSED',
    async ({ clock, dongle }) => {
      await clock.run(dongle.handOver(new Uint8Array(32).fill(9)));
    },
  ],
  ['is unplugged', ['detached'], 'DETACHED', async ({ port }) => port.unplug()],
  ['is reset', ['detached'], 'DETACHED', async ({ port }) => port.reset()],
  [
    'is superseded',
    ['superseded'],
    'SUPERSEDED',
    async ({ clock, port, runtime }) => {
      await new TestHost(clock).connect(port.source('hid'), restarted(runtime));
    },
  ],
  [
    'is bound anew by the same instance',
    ['binding-lost'],
    'NO_SESSION',
    async ({ clock, port, runtime }) => {
      await new TestHost(clock).connect(port.source('hid'), { ...runtime });
    },
  ],
  [
    'is shared between machines',
    ['shared'],
    'SHARED',
    async ({ clock, port }) => {
      const stranger = new TestHost(clock);
      for (let i = 0; i < 3; i++) {
        await stranger.connect(port.source('hid'), await runtimeOn('b')).catch(() => {});
      }
    },
  ],
  [
    'is lost in its machine’s sleep',
    ['binding-lost'],
    'BINDING_LOST',
    ({ host }) => host.sleep(20_000),
  ],
];

test.each(ends)('when a dongle %s, %j is told, once', async (_name, told, code, end) => {
  const clock = new VirtualClock();
  const { port } = await plugDongle({ clock, seed: 1 });
  const host = new TestHost(clock);
  const runtime = await runtimeOn('a');
  const dongle = await host.connect(port.source('hid'), runtime);
  let aborts = 0;
  dongle.lifetime.addEventListener('abort', () => aborts++);
  await end({ clock, port, host, runtime, dongle });
  await clock.advance(30_000);
  await clock.run(dongle.close());
  await clock.advance(30_000);
  expect(host.told.filter((kind) => kind !== 'knocked')).toEqual(['bound', ...told]);
  expect(aborts).toBe(1);
  expect(dongle.lifetime.reason).toMatchObject({ name: 'DongleError', code });
  expect(dongle.licensed).toBe(false);
  await expect(dongle.wink()).rejects.toMatchObject({ code });
  const last = host.events.at(-1);
  if (last !== undefined && 'reason' in last) expect(last.reason).toBe(dongle.lifetime.reason);
});

test('a lockout is told once to each session', async () => {
  const clock = new VirtualClock();
  const rules = { takeovers: { count: 1, withinMs: 60_000 } };
  const flash = new MemoryFlash();
  await manufacture(flash, systemRandom, 'LK-TEST', { rules });
  const { port } = await plugDongle({ clock, flash });
  const host = new TestHost(clock);
  const runtime = await runtimeOn('a');
  const dongles = [
    await host.connect(port.source('hid'), runtime),
    await host.connect(port.source('vendor'), runtime),
  ];
  host.freeze();
  await clock.advance(11_000);
  const other = new TestHost(clock);
  await expect(other.connect(port.source('hid'), await runtimeOn('b'))).rejects.toMatchObject({
    code: 'LOCKED_OUT',
  });
  host.thaw();
  await clock.advance(60_000);
  expect(host.told).toEqual(['bound', 'locked-out', 'locked-out']);
  for (const { lifetime } of dongles) expect(lifetime.reason.code).toBe('LOCKED_OUT');
});

test('a listener that throws breaks nothing', async () => {
  const clock = new VirtualClock();
  const { port } = await plugDongle({ clock, seed: 1 });
  const host = new TestHost(clock);
  let told = 0;
  const onEvent = () => {
    told++;
    throw new Error('not my day');
  };
  const dongle = await host.connect(port.source('hid'), await runtimeOn('a'), { onEvent });
  await new TestHost(clock).connect(port.source('hid'), await runtimeOn('b')).catch(() => {});
  await clock.advance(20_000);
  expect(told).toBe(2);
  expect(dongle.licensed).toBe(true);
  port.unplug();
  await clock.settle();
  expect(told).toBe(3);
  expect(dongle.lifetime.aborted).toBe(true);
});
