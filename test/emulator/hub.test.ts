import { expect, test } from 'vitest';
import {
  EmulatedDongle,
  HubPort,
  MemoryFlash,
  manufacture,
  seededRandom,
  VirtualClock,
} from '../../src/emulator/index.ts';
import { connect, createRuntime, type Dongle, type DongleEvent } from '../../src/index.ts';
import { testTrust } from '../support/rig.ts';
import { seed } from '../support/seed.ts';

async function newHub(hostCount = 2) {
  const clock = new VirtualClock();
  const random = seededRandom(seed);
  const flash = new MemoryFlash();
  await manufacture(flash, random, 'LK-HUB');
  const hub = new HubPort(new EmulatedDongle({ clock, random, flash }), hostCount);
  const trust = await testTrust();
  const events: string[] = [];
  const hosts = await Promise.all(
    Array.from({ length: hostCount }, async (_, number) => {
      const runtime = await createRuntime({
        machine: [Uint8Array.of(number, 0, 0, 0, 0, 0, 0, 1)],
      });
      const onEvent = ({ kind }: DongleEvent) => events.push(`${number} ${kind}`);
      return {
        connect: (face: 'hid' | 'vendor' = 'hid'): Promise<Dongle> =>
          clock.run(
            connect(hub.host(number).source(face), {
              trust,
              runtime,
              clock,
              onEvent,
              sharing: 'allow',
            }),
          ),
      };
    }),
  );
  return { clock, hub, hosts, events };
}

test('the dongle is with one host at a time, and each switch is a replug', async () => {
  const { hub, hosts, events } = await newHub();
  await expect(hosts[0]?.connect()).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await hub.switchTo(0);
  const first = (await hosts[0]?.connect()) as Dongle;
  expect(first.licensed).toBe(true);
  await expect(hosts[1]?.connect()).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await hub.switchTo(1);
  expect(first.licensed).toBe(false);
  // The lease went with the power.
  const second = (await hosts[1]?.connect()) as Dongle;
  expect(second.licensed).toBe(true);
  expect(events).toEqual(['0 bound', '0 detached', '1 bound']);
  await expect(hosts[0]?.connect()).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('a switch to the same host is a replug, too', async () => {
  const { hub, hosts, events } = await newHub();
  await hub.switchTo(0);
  await hosts[0]?.connect();
  await hub.switchTo(0);
  expect(events).toEqual(['0 bound', '0 detached']);
});

test('shared, all hosts reach it at once, and the first keeps its session', async () => {
  const { clock, hub, hosts } = await newHub(3);
  await hub.switchTo(0);
  const owner = (await hosts[0]?.connect()) as Dongle;
  hub.share();
  expect(hub.connected).toEqual([0, 1, 2]);
  await expect(hosts[1]?.connect()).rejects.toMatchObject({ code: 'BOUND_ELSEWHERE' });
  await expect(hosts[2]?.connect()).rejects.toMatchObject({ code: 'BOUND_ELSEWHERE' });
  const data = new Uint8Array(1000).fill(7);
  expect(await clock.run(owner.echo(data))).toEqual(data);
});

test('on a shared cable each host may claim the vendor face', async () => {
  const { hub, hosts } = await newHub();
  await hub.switchTo(0);
  await hosts[0]?.connect('vendor');
  hub.share();
  await expect(hosts[1]?.connect('vendor')).rejects.toMatchObject({ code: 'BOUND_ELSEWHERE' });
  await expect(hosts[0]?.connect('vendor')).rejects.toMatchObject({ code: 'LINK_FAILED' });
});

test('a bus reset is seen by all who share', async () => {
  const { hub, hosts, events } = await newHub();
  await hub.switchTo(0);
  await hosts[0]?.connect();
  hub.share();
  hub.reset();
  expect(events).toEqual(['0 bound', '0 detached']);
  expect(hub.connected).toEqual([0, 1]);
});

test('what a hub cannot do is said', async () => {
  const { hub } = await newHub();
  expect(() => hub.share()).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
  expect(() => hub.host(2)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
  await expect(hub.switchTo(2)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
});
