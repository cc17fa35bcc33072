import { expect, test } from 'vitest';
import { JobQueue } from '../../src/emulator/firmware/job-queue.ts';
import { jobQueueLimit, keepaliveMs } from '../../src/emulator/firmware/limits.ts';
import { Power } from '../../src/emulator/firmware/power.ts';
import { VirtualClock } from '../../src/emulator/index.ts';

/** A queue whose jobs end when the test says so. */
function queueOf(units: number) {
  const clock = new VirtualClock();
  const power = new Power(clock);
  const heard: string[] = [];
  const queue = new JobQueue<string>(power, units, (owner) => heard.push(owner));
  const ends = new Map<string, () => void>();
  const add = (owner: string) =>
    queue.add(owner, () => new Promise<void>((resolve) => ends.set(owner, resolve)));
  return {
    ...{ queue, power, add },
    /** Who is in the engine, and has been there. */
    begun: () => [...ends.keys()].join(''),
    async end(owner: string) {
      ends.get(owner)?.();
      await clock.advance(0);
    },
    /** Who is kept waiting in the next tick. */
    async heardNext() {
      heard.length = 0;
      await clock.advance(keepaliveMs);
      return heard.join('');
    },
  };
}

test.each([1, 2, 4])('%i jobs are done at once, the others in their order', async (units) => {
  const { add, begun, end } = queueOf(units);
  const owners = 'abcdef';
  for (const owner of owners) add(owner);
  for (let done = 0; done < owners.length; done++) {
    expect(begun()).toBe(owners.slice(0, units + done));
    await end(owners[done] as string);
  }
});

test('takes as many jobs to wait as there is room for', async () => {
  const { queue, add, end } = queueOf(2);
  for (let i = 0; i < 2 + jobQueueLimit; i++) {
    expect(queue.hasRoom).toBe(true);
    add(String(i));
  }
  expect(queue.hasRoom).toBe(false);
  await end('0');
  expect(queue.hasRoom).toBe(true);
});

test('keeps every owner waiting, in the engine or not, until its job is done', async () => {
  const { add, end, heardNext } = queueOf(2);
  for (const owner of 'abc') add(owner);
  expect(await heardNext()).toBe('abc');
  await end('b');
  expect(await heardNext()).toBe('ac');
  await end('a');
  await end('c');
  expect(await heardNext()).toBe('');
  add('d');
  expect(await heardNext()).toBe('d');
});

test('a job that is taken back while it waits is never begun', async () => {
  const { queue, add, begun, end, heardNext } = queueOf(1);
  for (const owner of 'abc') add(owner);
  expect(queue.remove('b')).toBe(true);
  expect(queue.remove('b')).toBe(false);
  expect(await heardNext()).toBe('ac');
  await end('a');
  expect(begun()).toBe('ac');
});

test('a job that is taken back in the engine holds its unit until it ends, unheard', async () => {
  const { queue, add, begun, end, heardNext } = queueOf(2);
  for (const owner of 'abc') add(owner);
  expect(queue.remove('a')).toBe(true);
  expect(queue.remove('a')).toBe(false);
  add('d');
  expect(begun()).toBe('ab');
  expect(await heardNext()).toBe('bcd');
  await end('a');
  expect(begun()).toBe('abc');
});

test('begins nothing without power', async () => {
  const { power, add, begun, end } = queueOf(1);
  for (const owner of 'ab') add(owner);
  power.cut();
  await end('a');
  expect(begun()).toBe('a');
});
