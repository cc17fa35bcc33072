import { expect, test } from 'vitest';
import { Exchange } from '../../src/client/exchange.ts';
import { proveDongle, sayHello } from '../../src/client/handshake.ts';
import { beginLease, momentOf } from '../../src/client/lease.ts';
import { Session } from '../../src/client/session.ts';
import { type Deed, tapWire } from '../../src/conformance/wire.ts';
import { type LoopbackPort, VirtualClock } from '../../src/emulator/index.ts';
import type { Runtime } from '../../src/index.ts';
import { claimSchema, decodeVerdict, HostSession } from '../../src/protocol/channel/index.ts';
import { echo } from '../../src/protocol/commands/index.ts';
import { packetCommands, recordCommand } from '../../src/protocol/packets/index.ts';
import { encode } from '../../src/protocol/schema/index.ts';
import { plugDongle, testTrust } from '../support/rig.ts';
import { cloned, restarted, runtimeOn, TestHost } from './test-host.ts';

// A clone of a machine with all its memory: keys, ticket, and the sessions that were open.

const trust = await testTrust();

interface Copy {
  readonly host: TestHost;
  readonly session: Session;
  readonly ended: string[];
}

/** Two machines with one and the same session, both on its channel. */
async function copies(clock: VirtualClock, port: LoopbackPort, runtime: Runtime): Promise<Copy[]> {
  const hosts = [new TestHost(clock), new TestHost(clock)] as const;
  const channels: Uint8Array[] = [];
  const exchanges = await clock.run(
    Promise.all(
      hosts.map(async (host, i) => {
        // The copy believes that its channel is its own, as the original does.
        const swap = (packet: Uint8Array, from: number, to: number): Deed => {
          const [old, next] = [channels[from], channels[to]];
          if (i === 0 || old === undefined || next === undefined) return 'pass';
          if (old.every((byte, at) => packet[at] === byte)) packet.set(next);
          return 'pass';
        };
        const source = tapWire(port.source('hid'), {
          toDevice(packet) {
            const id = packet.slice(0, 4);
            if (id.some((byte) => byte !== 0xff)) channels[i] ??= id;
            return swap(packet, 1, 0);
          },
          toHost: (packet) => swap(packet, 0, 1),
        });
        const exchange = await Exchange.open(source, host, new Uint8Array(8).fill(i + 1));
        await exchange.join();
        return exchange;
      }),
    ),
  );
  const [first, second] = exchanges as [Exchange, Exchange];
  // So that the copy's own channel is known, too.
  await clock.run(sayHello(second));
  channels[0] = undefined as unknown as Uint8Array;
  const greeting = await clock.run(sayHello(first));
  const { name, noise } = await clock.run(proveDongle(first, greeting, trust, runtime));
  const ticket = await runtime.ticket(name);
  const { instance, machine } = runtime;
  const claim = { instance, machine, wallMs: clock.wall(), ...(ticket && { ticket }) };
  const message3 = await noise.writeMessage(encode(claimSchema, claim));
  if (!message3.ok) throw new Error('message 3 could not be written');
  const keys = noise.split();
  const [records, again] = [new HostSession(keys), new HostSession(keys)];
  const verdict = await clock.run(
    first.transact(packetCommands.HANDSHAKE.code, message3.value, (command, payload) => {
      if (command !== recordCommand(0)) return undefined;
      const said = decodeVerdict(records.open(payload) ?? new Uint8Array());
      return said.ok ? said.value : undefined;
    }),
  );
  if (verdict.outcome !== 'accepted') throw new Error(verdict.outcome);
  await runtime.keepTicket(name, verdict.ticket as Uint8Array);
  return [first, second].map((exchange, i) => {
    const host = hosts[i] as TestHost;
    const ended: string[] = [];
    const lease = beginLease(verdict.leaseMs, momentOf(host));
    const session = new Session(
      {
        ...{ clock: host, exchange, records: i === 0 ? records : again },
        ...{ largestPlaintext: 1000, instance, lease },
      },
      { ended: ({ code }) => ended.push(code), knocked: () => {}, foreign: () => {} },
    );
    return { host, session, ended };
  });
}

async function scene() {
  const clock = new VirtualClock();
  const { port } = await plugDongle({ clock, seed: 1 });
  const runtime = await runtimeOn('a');
  const [original, copy] = (await copies(clock, port, runtime)) as [Copy, Copy];
  return { clock, port, runtime, original, copy };
}

test('two copies of a session that do nothing but live end as forked, both, at the next beat', async () => {
  const { clock, original, copy } = await scene();
  await clock.advance(2_600);
  for (const { session, ended } of [original, copy]) {
    expect(session.licensed).toBe(false);
    expect(ended).toEqual(['FORKED']);
  }
});

test('so do those of which one says something first', async () => {
  const { clock, original, copy } = await scene();
  for (let i = 0; i < 10; i++) {
    await clock.run(original.session.call(echo, { data: Uint8Array.of(i) }, 5_000));
  }
  expect(original.session.licensed).toBe(true);
  const late = copy.session.call(echo, { data: Uint8Array.of(99) }, 5_000);
  await expect(clock.run(late)).rejects.toMatchObject({ code: 'FORKED' });
  await clock.settle();
  expect(original.ended).toEqual(['FORKED']);
  expect(copy.ended).toEqual(['FORKED']);
});

test('afterwards the ticket leads on, for the one that comes first alone', async () => {
  const { clock, port, runtime, original, copy } = await scene();
  const copied = cloned(runtime);
  await clock.advance(3_000);
  const dongle = await copy.host.connect(port.source('hid'), restarted(copied));
  expect(dongle.licensed).toBe(true);
  // Its first request makes the older ticket worthless; it is not long in coming.
  await clock.advance(150);
  const late = original.host.connect(port.source('hid'), restarted(runtime));
  await expect(late).rejects.toMatchObject({ code: 'BOUND_ELSEWHERE' });
  await clock.advance(5_000);
  expect(copy.host.told).toEqual(['bound', 'knocked']);
});

test('a copy that never speaks has no dongle when its lease is over', async () => {
  const { clock, original, copy } = await scene();
  copy.host.freeze();
  for (let i = 0; i < 20; i++) {
    await clock.run(original.session.call(echo, { data: Uint8Array.of(i) }, 5_000));
    await clock.advance(500);
  }
  expect(original.session.licensed).toBe(true);
  expect(copy.session.licensed).toBe(false);
});
