import { describe, expect, test } from 'vitest';
import { beginLease, leaseState, recordAnswered, recordSent } from '../../src/client/lease.ts';
import { tapWire } from '../../src/conformance/wire.ts';
import { VirtualClock } from '../../src/emulator/index.ts';
import { plugDongle } from '../support/rig.ts';
import { oneUnit } from '../support/simulated-rsa.ts';
import { restarted, runtimeOn, TestHost } from './test-host.ts';

const data = Uint8Array.of(1, 2, 3);

describe('the host’s count of its lease', () => {
  const lease = beginLease(10_000, { atMs: 100, wallMs: 50_000 });
  const sent = recordSent(lease, { atMs: 2_600, wallMs: 52_500 });

  test.each([
    ['right after the handshake', lease, 100, 50_000, 'held'],
    [
      'to 80 % of the dongle’s, while records are sent',
      recordSent(sent, at(5_100)),
      8_099,
      57_999,
      'held',
    ],
    ['not a millisecond longer', recordSent(sent, at(5_100)), 8_100, 58_000, 'expired'],
    ['when this program is a second late with a record', lease, 3_601, 53_501, 'stalled'],
    ['not before', lease, 3_600, 53_500, 'held'],
    ['when the wall clock runs ahead by more than a second', lease, 1_100, 52_001, 'void'],
    ['or behind', lease, 1_100, 49_999, 'void'],
    ['not by less', lease, 1_100, 52_000, 'held'],
  ] as const)('%s', (_name, state, nowMs, wallMs, expected) => {
    expect(leaseState(state, nowMs, wallMs)).toBe(expected);
  });

  test('begins anew when a record was sent, not when its answer came', () => {
    const answered = recordAnswered(sent, at(2_600));
    const beating = recordSent(recordSent(answered, at(5_100)), at(7_600));
    expect(leaseState(recordSent(beating, at(10_000)), 10_599, 60_499)).toBe('held');
    expect(leaseState(recordSent(beating, at(10_000)), 10_600, 60_500)).toBe('expired');
  });

  test('after a stall goes on with an answer, not with a record', () => {
    const late = recordSent(lease, at(5_000));
    expect(leaseState(late, 5_000, 54_900)).toBe('stalled');
    expect(leaseState(recordAnswered(late, at(5_000)), 5_010, 54_910)).toBe('held');
    // That of a record from before the stall is none.
    expect(leaseState(recordAnswered(late, at(1_000)), 5_010, 54_910)).toBe('stalled');
  });

  function at(atMs: number) {
    return { atMs, wallMs: atMs + 49_900 };
  }
});

async function boundHost() {
  const clock = new VirtualClock();
  const { port } = await plugDongle({ clock, seed: 1 });
  let records = 0;
  let isLost = false;
  const source = tapWire(port.source('hid'), {
    toDevice() {
      records++;
      return isLost ? 'drop' : 'pass';
    },
  });
  const host = new TestHost(clock);
  const runtime = await runtimeOn('a');
  const dongle = await host.connect(source, runtime);
  return {
    clock,
    port,
    host,
    runtime,
    dongle,
    takeSent() {
      const taken = records;
      records = 0;
      return taken;
    },
    lose(lost: boolean) {
      isLost = lost;
    },
  };
}

describe('an idle owner', () => {
  test('is heard of each 2.5 s, and stays licensed', async () => {
    const { clock, dongle, takeSent } = await boundHost();
    takeSent();
    await clock.advance(3_600_000);
    expect(takeSent()).toBeGreaterThanOrEqual(1_440);
    expect(dongle.licensed).toBe(true);
    await clock.advance(2_499);
    takeSent();
    await clock.advance(10_000);
    expect(takeSent()).toBe(4);
  });

  test('whose records are lost for a while is not licensed, and is again with the next answer', async () => {
    const { clock, dongle, lose } = await boundHost();
    await clock.advance(10_000);
    lose(true);
    await clock.advance(2_000);
    expect(dongle.licensed).toBe(true);
    lose(false);
    await clock.advance(2_000);
    expect(dongle.licensed).toBe(true);
    expect(dongle.lifetime.aborted).toBe(false);
  });
});

describe('a machine that sleeps', () => {
  test.each([1_500, 60_000, 8 * 3_600_000])('%i ms has lost its binding', async (ms) => {
    const { clock, host, dongle, runtime, port } = await boundHost();
    await clock.advance(7_000);
    await host.sleep(ms);
    expect(dongle.licensed).toBe(false);
    expect(dongle.lifetime.reason).toMatchObject({ code: 'BINDING_LOST' });
    await clock.advance(10_000);
    expect(host.told).toEqual(['bound', 'binding-lost']);
    const again = await host.connect(port.source('hid'), runtime);
    expect(again.licensed).toBe(true);
  });

  test('hears of it without being asked, and its calls fail', async () => {
    const { clock, host, dongle } = await boundHost();
    await clock.advance(1_000);
    await host.sleep(5_000);
    await clock.advance(2_500);
    expect(host.told).toEqual(['bound', 'binding-lost']);
    await expect(dongle.echo(data)).rejects.toMatchObject({ code: 'BINDING_LOST' });
  });

  test('and whose clock is set meanwhile by somebody is the same', async () => {
    const { clock, host, dongle } = await boundHost();
    await clock.advance(1_000);
    host.setClock(-3_600_000);
    expect(dongle.licensed).toBe(false);
    await clock.advance(10_000);
    expect(host.told).toEqual(['bound', 'binding-lost']);
  });

  test('a clock that is set by less than a second is nothing', async () => {
    const { clock, host, dongle } = await boundHost();
    for (let i = 0; i < 20; i++) {
      host.setClock(900);
      await clock.advance(5_000);
      expect(dongle.licensed).toBe(true);
    }
  });

  test('a clock that is set while a command is under way is noticed when it ends', async () => {
    const { clock, host, dongle } = await boundHost();
    const echo = dongle.echo(data);
    host.setClock(5_000);
    await expect(clock.run(echo)).rejects.toMatchObject({ code: 'BINDING_LOST' });
  });
});

describe('a program that stands still', () => {
  test('is not licensed when it goes on, until the dongle has answered', async () => {
    const { clock, host, dongle } = await boundHost();
    await clock.advance(5_000);
    host.freeze();
    await clock.advance(4_000);
    expect(dongle.licensed).toBe(false);
    // Its timers run first, and its first record is sent; that is no answer.
    host.thaw();
    expect(dongle.licensed).toBe(false);
    await clock.advance(10);
    expect(dongle.licensed).toBe(true);
  });

  test('never says that it is licensed when its next start has the dongle', async () => {
    const { clock, host, dongle, port, runtime } = await boundHost();
    await clock.advance(5_000);
    host.freeze();
    await clock.advance(3_600);
    const other = new TestHost(clock);
    const next = await other.connect(port.source('hid'), restarted(runtime));
    expect(next.licensed).toBe(true);
    expect(dongle.licensed).toBe(false);
    host.thaw();
    expect(dongle.licensed).toBe(false);
    await clock.advance(100);
    expect(dongle.licensed).toBe(false);
    expect(host.told).toEqual(['bound', 'superseded']);
  });
});

test('after a long command the owner shows at once that it lives, and is licensed again', async () => {
  const clock = new VirtualClock();
  const worn = () =>
    new Promise<never>((_resolve, reject) => {
      clock.after(45_000, () => reject(new Error('worn out')));
    });
  const { port } = await plugDongle({ clock, seed: 1, rsa: oneUnit(worn) });
  const host = new TestHost(clock);
  const dongle = await host.connect(port.source('hid'), await runtimeOn('a'));
  const other = new TestHost(clock);
  const generating = dongle.rsa.generate({ bits: 2048 }, { deadlineMs: 60_000 });
  const failing = expect(clock.run(generating)).rejects.toMatchObject({ code: 'DEVICE_FAULT' });
  await clock.advance(30_000);
  // The command holds the lease on the dongle, though the host cannot prove it.
  expect(dongle.licensed).toBe(false);
  await expect(other.connect(port.source('vendor'), await runtimeOn('b'))).rejects.toMatchObject({
    code: 'BOUND_ELSEWHERE',
  });
  await failing;
  await clock.advance(10);
  expect(dongle.licensed).toBe(true);
  expect(host.told).toEqual(['bound', 'knocked']);
});
