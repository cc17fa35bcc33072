import { expect, test } from 'vitest';
import { VirtualClock } from '../../src/emulator/index.ts';

test('timers fire in the order of their times, and of their making', async () => {
  const clock = new VirtualClock();
  const fired: string[] = [];
  clock.after(20, () => fired.push(`b at ${clock.now()}`));
  clock.after(10, () => fired.push(`a at ${clock.now()}`));
  clock.after(20, () => fired.push(`c at ${clock.now()}`));
  const cancel = clock.after(15, () => fired.push('never'));
  cancel();
  await clock.advance(19);
  expect(fired).toEqual(['a at 10']);
  await clock.advance(1);
  expect(fired).toEqual(['a at 10', 'b at 20', 'c at 20']);
});

test('what a timer sets off has settled before time goes on', async () => {
  const clock = new VirtualClock();
  const times: number[] = [];
  clock.after(10, async () => {
    await Promise.resolve();
    await Promise.resolve();
    times.push(clock.now());
    clock.after(5, () => times.push(clock.now()));
  });
  clock.after(30, () => times.push(clock.now()));
  await clock.advance(100);
  expect(times).toEqual([10, 15, 30]);
});

test('time stands still during real work', async () => {
  const clock = new VirtualClock();
  let doneAtMs = -1;
  clock.after(10, () => {
    void clock.during(new Promise((resolve) => setTimeout(resolve, 30))).then(() => {
      doneAtMs = clock.now();
    });
  });
  await clock.advance(1000);
  expect(doneAtMs).toBe(10);
});

test('`run` lets pass just the time that the work takes', async () => {
  const clock = new VirtualClock();
  const work = new Promise((resolve) => clock.after(70, () => resolve('done')));
  clock.after(500, () => {});
  expect(await clock.run(work)).toBe('done');
  expect(clock.now()).toBe(70);
});

test('`run` tells when the work can never end', async () => {
  const clock = new VirtualClock();
  await expect(clock.run(new Promise(() => {}))).rejects.toThrow('nothing is scheduled');
  clock.after(100, () => {});
  await expect(clock.run(new Promise(() => {}), 50)).rejects.toThrow('50 ms');
});
