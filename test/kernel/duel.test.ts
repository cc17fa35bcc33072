import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  defaultRules,
  EmulatedDongle,
  MemoryFlash,
  manufacture,
  systemRandom,
  UsbIpServer,
} from '../../src/emulator/index.ts';
import { formatUsbIpAddress } from '../../src/protocol/usbip/index.ts';
import { bootContestant, type Contestant } from './harness/contestant.ts';
import { hostInGuest } from './harness/exported.ts';
import { preparedKernel } from './harness/prepare.ts';

// Two machines fight over one dongle, which runs outside of both. The lockout is short, as kernels
// do not run in virtual time; the real one is in test/scenarios.

const lockoutMs = 3_000;
const timeoutMs = 240_000;
const { leaseMs } = defaultRules;

/** Where the hub has each of them. */
const portOf = { a: '1-1', b: '1-2' } as const;

const required = process.env['LATCHKEY_REQUIRE_KERNEL'] === '1';

describe.skipIf(preparedKernel() === undefined && !required)('two machines and one dongle', () => {
  let server: UsbIpServer;
  let a: Contestant;
  let b: Contestant;

  beforeAll(async () => {
    const flash = new MemoryFlash();
    await manufacture(flash, systemRandom, 'LK-DUEL', { rules: { lockoutMs } });
    server = new UsbIpServer([{ dongle: new EmulatedDongle({ flash }), hosts: 2 }]);
    const listening = await server.listen({ host: '127.0.0.1', port: 0 });
    const port = 'port' in listening ? listening.port : 0;
    const exported = formatUsbIpAddress({ host: hostInGuest, port });
    [a, b] = await Promise.all([
      bootContestant('a', '0a'.repeat(16), exported, timeoutMs),
      bootContestant('b', '0b'.repeat(16), exported, timeoutMs),
    ]);
  }, timeoutMs);

  afterAll(async () => {
    await server?.close();
  });

  /** The hub gives the dongle to one of them, whose kernel finds it. */
  async function switchTo(name: keyof typeof portOf): Promise<Contestant> {
    const contestant = { a, b }[name];
    server.switchTo(portOf[name]);
    await contestant.order({ do: 'plug', busId: portOf[name] });
    return contestant;
  }

  test('the first one binds it', async () => {
    await switchTo('a');
    expect(await a.order({ do: 'connect' })).toBe(1);
    expect(await a.order({ do: 'licensed' })).toBe(true);
    expect(await a.order({ do: 'echo' })).toEqual([1, 2, 3]);
  });

  test('it goes to the other one, and the first application hears of it within one lease', async () => {
    server.switchTo(portOf.b);
    await a.order({ do: 'await-event', kind: 'detached', withinMs: leaseMs });
    expect(await a.order({ do: 'licensed' })).toBe(false);
    await a.order({ do: 'await-unplugged' });
    await b.order({ do: 'plug', busId: portOf.b });
    expect(await b.order({ do: 'connect' })).toBe(2);
    expect(await b.order({ do: 'licensed' })).toBe(true);
    expect(await a.order({ do: 'events' })).toEqual(['bound', 'detached']);
  });

  test('switched to and fro, it locks, and unplugging does not end that', async () => {
    await switchTo('a');
    expect(await a.order({ do: 'connect' })).toBe(3);
    await switchTo('b');
    expect(await b.order({ do: 'connect' })).toBe(4);
    await switchTo('a');
    expect(await a.refusal({ do: 'connect' })).toBe('LOCKED_OUT');
    server.unplug(portOf.a);
    await delay(2 * lockoutMs);
    await switchTo('b');
    expect(await b.refusal({ do: 'connect' })).toBe('LOCKED_OUT');
  });

  test('it serves again when it has had power for long enough', async () => {
    await delay(lockoutMs);
    expect(await b.order({ do: 'connect' })).toBe(5);
    expect(await b.order({ do: 'echo' })).toEqual([1, 2, 3]);
  });

  test('shared without a replug, it refuses both', async () => {
    server.share(portOf.b);
    await a.order({ do: 'plug', busId: portOf.a });
    expect(await b.order({ do: 'licensed' })).toBe(true);
    expect(await a.refusal({ do: 'connect' })).toBe('BOUND_ELSEWHERE');
    expect(await a.refusal({ do: 'connect' })).toBe('BOUND_ELSEWHERE');
    expect(await a.refusal({ do: 'connect' })).toBe('SHARED');
    await b.order({ do: 'await-event', kind: 'shared', withinMs: leaseMs });
    expect(await b.order({ do: 'licensed' })).toBe(false);
    expect(await b.refusal({ do: 'connect' })).toBe('SHARED');
    expect(await a.refusal({ do: 'connect' })).toBe('SHARED');
  });

  test('both machines come to their end', async () => {
    for (const contestant of [a, b]) {
      const { exitCode, seconds, folder } = await contestant.finish();
      console.log(`A machine ran for ${seconds.toFixed(0)} s; its logs are in ${folder}.`);
      expect(exitCode).toBe(0);
    }
  });
});
