import { describe, expect, test } from 'vitest';
import { judgeSharing, type SharingEvidence } from '../../src/client/sharing.ts';
import { type LoopbackPort, VirtualClock } from '../../src/emulator/index.ts';
import type { Link, SharingPolicy } from '../../src/index.ts';
import {
  type ChannelId,
  packetCommands,
  readChannelId,
  writePackets,
} from '../../src/protocol/packets/index.ts';
import { plugDongle } from '../support/rig.ts';
import { runtimeOn, TestHost } from './test-host.ts';

const weak = (kind: SharingEvidence['kind']): SharingEvidence => ({
  kind,
  weight: 'weak',
  detail: kind,
});
const strong: SharingEvidence = { kind: 'dongle', weight: 'strong', detail: 'dongle' };

test.each([
  ['nothing', [], 'exclusive'],
  ['programs of this machine', [weak('openers'), weak('claim')], 'exclusive'],
  ['what cannot be seen', [weak('unseen')], 'unknown'],
  ['a network', [weak('usbip')], 'unknown'],
  ['knocks', [weak('openers'), weak('knocks')], 'unknown'],
  ['foreign channels', [weak('foreign-channels')], 'unknown'],
  ['the dongle’s word', [weak('openers'), strong], 'shared'],
] as const)('%s: %j', (_name, evidence, verdict) => {
  expect(judgeSharing(evidence)).toEqual({ verdict, evidence });
});

/** Somebody else on the HID face, who has a channel and pings on it. */
async function neighbour(clock: VirtualClock, port: LoopbackPort) {
  let last = 0;
  const link: Link = await port.source('hid').open({
    packets({ buffer, offset }) {
      if (readChannelId(buffer, offset) === 0xffffffff) last = readChannelId(buffer, offset + 15);
    },
    detached: () => {},
  });
  async function send(channel: number, command: number, payload: Uint8Array): Promise<void> {
    const buffer = new Uint8Array(64);
    writePackets(buffer, 0, 64, 64, channel as ChannelId, command, payload);
    await link.send({ buffer, offset: 0, stride: 64, packetBytes: 64, count: 1 });
    await clock.settle();
  }
  return {
    join: () => send(0xffffffff, packetCommands.INIT.code, new Uint8Array(8)),
    ping: () => send(last, packetCommands.PING.code, Uint8Array.of(1)),
  };
}

/** A host with a session, on a machine that shows this of others. */
async function scene(shown: () => readonly SharingEvidence[], sharing?: SharingPolicy) {
  const clock = new VirtualClock();
  const { port } = await plugDongle({ clock, seed: 1 });
  const host = new TestHost(clock);
  const runtime = { ...(await runtimeOn('a')), inspect: () => Promise.resolve(shown()) };
  const dongle = await host.connect(port.source('hid'), runtime, sharing && { sharing });
  return { clock, port, host, dongle, other: await neighbour(clock, port) };
}

/** Somebody pings each second, on one channel. */
async function staysAround({ clock, other }: Awaited<ReturnType<typeof scene>>): Promise<void> {
  await other.join();
  for (let i = 0; i < 5; i++) {
    await clock.advance(1_000);
    await other.ping();
  }
}

describe('somebody else who talks to the dongle all along', () => {
  test('and is no program of this machine is another machine, which ends the session', async () => {
    const all = await scene(() => []);
    await staysAround(all);
    const { clock, host, dongle } = all;
    await clock.advance(10_000);
    expect(host.told).toEqual(['bound', 'shared']);
    expect(dongle.lifetime.reason).toMatchObject({ code: 'SHARED' });
    // It is what we have seen, and no word of the dongle.
    expect(await dongle.sharing()).toMatchObject({
      verdict: 'shared',
      evidence: [{ kind: 'foreign-channels' }],
    });
    await expect(dongle.wink()).rejects.toMatchObject({ code: 'SHARED' });
  });

  test('is told once under `warn`, and the session goes on', async () => {
    const all = await scene(() => [], 'warn');
    await staysAround(all);
    await staysAround(all);
    const { host, dongle } = all;
    expect(host.told).toEqual(['bound', 'sharing-suspected']);
    expect(host.events[1]).toMatchObject({
      sharing: { verdict: 'shared', evidence: [{ kind: 'foreign-channels', weight: 'strong' }] },
    });
    expect(dongle.licensed).toBe(true);
  });

  test('is only to be asked for under `allow`', async () => {
    const all = await scene(() => [], 'allow');
    await staysAround(all);
    expect(all.host.told).toEqual(['bound']);
    expect(all.dongle.licensed).toBe(true);
    expect((await all.dongle.sharing()).verdict).toBe('shared');
  });

  test.each([
    ['openers', 'exclusive'],
    ['claim', 'exclusive'],
    ['unseen', 'unknown'],
  ] as const)('is explained by %s: %s', async (kind, verdict) => {
    const all = await scene(() => [weak(kind)]);
    await staysAround(all);
    expect(all.host.told).toEqual(['bound']);
    expect((await all.dongle.sharing()).verdict).toBe(verdict);
    expect(all.dongle.licensed).toBe(true);
  });
});

test('other sessions of one runtime are nobody else', async () => {
  const { clock, port, host, dongle } = await scene(() => []);
  const runtime = { ...(await runtimeOn('b')), inspect: () => [] };
  await clock.run(dongle.close());
  const dongles = [];
  for (let i = 0; i < 3; i++) dongles.push(await host.connect(port.source('hid'), runtime));
  await clock.advance(20_000);
  for (const each of dongles) {
    expect(each.licensed).toBe(true);
    expect(await each.sharing()).toEqual({ verdict: 'exclusive', evidence: [] });
  }
});

test('another machine is found however many programs came and went before', async () => {
  const all = await scene(() => []);
  for (let i = 0; i < 80; i++) {
    await all.other.join();
    await all.clock.advance(700);
  }
  await staysAround(all);
  expect(all.host.told).toEqual(['bound', 'shared']);
});

test('programs that open the device, ask and go are no other machine, however often', async () => {
  // Each has gone when this machine is looked at.
  const { clock, host, dongle, other } = await scene(() => []);
  for (let i = 0; i < 30; i++) {
    await other.join();
    await other.ping();
    await clock.advance(700);
  }
  expect(host.told).toEqual(['bound']);
  expect(dongle.licensed).toBe(true);
  const { verdict, evidence } = await dongle.sharing();
  expect(verdict).toBe('unknown');
  expect(evidence).toMatchObject([{ kind: 'foreign-channels', weight: 'weak' }]);
});

test('a machine that cannot be looked at shows nothing', async () => {
  const all = await scene(() => {
    throw new Error('no /proc');
  });
  await staysAround(all);
  expect(all.host.told).toEqual(['bound']);
  expect((await all.dongle.sharing()).evidence).toMatchObject([
    { kind: 'unseen' },
    { kind: 'foreign-channels' },
  ]);
});

test('alone it is exclusive, and knocks speak against that', async () => {
  const { clock, port, dongle } = await scene(() => []);
  // The neighbour of the scene has said nothing yet.
  expect(await dongle.sharing()).toEqual({ verdict: 'exclusive', evidence: [] });
  const other = new TestHost(clock);
  await other.connect(port.source('vendor'), await runtimeOn('b')).catch(() => {});
  await clock.advance(5_000);
  expect(await dongle.sharing()).toMatchObject({
    verdict: 'unknown',
    evidence: [
      { kind: 'knocks', detail: 'How often others have asked for the dongle meanwhile: 1.' },
    ],
  });
});
