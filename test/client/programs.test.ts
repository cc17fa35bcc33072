import { expect, test } from 'vitest';
import type { Visitor } from '../../src/client/runtime.ts';
import type { Runtime } from '../../src/index.ts';
import { promised } from '../support/promised.ts';
import { refusal, restarted, TestHost, type TestRuntime, twoMachines } from './test-host.ts';

const data = Uint8Array.of(1, 2, 3);

/** The programs of one runtime, each of which asks the others that have the dongle. */
function programsOf(runtime: TestRuntime) {
  const present = new Set<Visitor>();
  const program = (): Runtime => ({
    ...restarted(runtime),
    async hold(_dongle, visitor) {
      let invitation: Awaited<ReturnType<Visitor['invite']>>;
      for (const other of present) {
        invitation ??= await other.invite(visitor.signal, visitor.decided);
      }
      present.add(visitor);
      return { invitation, release: () => void present.delete(visitor) };
    },
  });
  return { program, present };
}

async function scene() {
  const { clock, port, a: host, ofA } = await twoMachines();
  return { clock, port, host, ...programsOf(ofA) };
}

test('programs of one runtime have a dongle at the same time, whoever ends first', async () => {
  const { clock, port, host, program } = await scene();
  const [p, q] = [program(), program()];
  const first = await host.connect(port.source('hid'), p);
  const second = await host.connect(port.source('hid'), q);
  expect([first.epoch, second.epoch]).toEqual([1, 1]);
  await clock.advance(60_000);
  expect(first.licensed && second.licensed).toBe(true);
  await clock.run(first.close());
  expect(await clock.run(second.echo(data))).toEqual(data);
  // Invited by one that was itself invited: the binding is still that of the first.
  const third = await host.connect(port.source('vendor'), program());
  const own = await host.connect(port.source('hid'), q);
  expect([third.epoch, own.epoch]).toEqual([1, 1]);
  await clock.advance(60_000);
  for (const dongle of [second, third, own]) {
    expect(await clock.run(dongle.echo(data))).toEqual(data);
  }
  expect(host.told).toEqual(['bound']);
});

test('a program whose session has died does not invite, and the next binds anew', async () => {
  const { port, host, program, present } = await scene();
  const first = await host.connect(port.source('hid'), program());
  // It has the place still, as a program that is about to end.
  const [place] = present;
  port.unplug();
  expect(first.lifetime.reason).toMatchObject({ code: 'DETACHED' });
  expect(present.size).toBe(0);
  present.add(place as Visitor);
  await port.plug();
  expect((await host.connect(port.source('hid'), program())).epoch).toBe(2);
});

test('one guest comes after the other, as a session has one invitation at a time', async () => {
  const { clock, port, host, program, present } = await scene();
  const first = await host.connect(port.source('hid'), program());
  const [inviting] = present as ReadonlySet<Visitor>;
  if (inviting === undefined) throw new Error('nobody is there');
  const { signal } = new AbortController();
  const decided = promised();
  expect(await clock.run(inviting.invite(signal, decided.promise))).toBeDefined();
  // One that gives up waiting is no guest.
  const hasty = refusal(inviting.invite(AbortSignal.abort(), new Promise(() => {})));
  const again = promised();
  let hasCome = false;
  const second = inviting.invite(signal, again.promise);
  void second.then(() => {
    hasCome = true;
  });
  await clock.advance(1_000);
  expect(hasCome).toBe(false);
  decided.keep();
  expect(await clock.run(second)).toBeDefined();
  expect(await hasty).toMatchObject({ code: 'ABORTED' });

  let isClosed = false;
  void first.close().then(() => {
    isClosed = true;
  });
  await clock.advance(1_000);
  expect(isClosed).toBe(false);
  again.keep();
  await clock.advance(1_000);
  expect(isClosed).toBe(true);
});

test('a connect that fails leaves no place behind', async () => {
  const { clock, port, program, present } = await scene();
  const host = new TestHost(clock);
  const runtime = program();
  const failing: Runtime = {
    ...runtime,
    keepTicket: () => Promise.reject(new Error('the disk is full')),
  };
  await expect(host.connect(port.source('hid'), failing)).rejects.toThrow('the disk is full');
  expect(present.size).toBe(0);
});
