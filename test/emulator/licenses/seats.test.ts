import { expect, test } from 'vitest';
import { Seats } from '../../../src/emulator/firmware/licenses/seats.ts';
import type { Session } from '../../../src/emulator/firmware/sessions.ts';

const leaseMs = 10_000;

/** Sessions, and a clock. */
function hall() {
  const clock = { nowMs: 0 };
  const ended: Session[] = [];
  const session = () => {
    const state = { usedMs: clock.nowMs, executing: false };
    return state as typeof state & Session;
  };
  const seats = new Seats({
    leaseMs,
    now: () => clock.nowMs,
    endSilent(one) {
      ended.push(one);
      seats.releaseAll(one);
    },
  });
  return { clock, session, seats, ended };
}

test('there are as many seats as there are, and one that is given back is free', () => {
  const { session, seats } = hall();
  const [a, b, c] = [session(), session(), session()];
  expect(seats.take(a, 'x', 2)).toEqual({ ok: true, value: 1 });
  expect(seats.take(b, 'x', 2).ok).toBe(true);
  expect(seats.take(c, 'x', 2)).toEqual({ ok: false, code: 'SEATS_TAKEN' });
  expect(seats.take(c, 'y', 2).ok).toBe(true);
  expect(seats.release(a, 1)).toBe(true);
  expect(seats.take(c, 'x', 2).ok).toBe(true);
  expect(seats.taken('x')).toBe(2);
});

test('no seats are no seats', () => {
  const { session, seats } = hall();
  expect(seats.take(session(), 'x', 0)).toEqual({ ok: false, code: 'SEATS_TAKEN' });
});

test('a session that takes the same again shares its seat until it has given it back as often', () => {
  const { session, seats } = hall();
  const [a, b] = [session(), session()];
  expect(seats.take(a, 'x', 1)).toEqual(seats.take(a, 'x', 1));
  seats.release(a, 1);
  expect(seats.take(b, 'x', 1).ok).toBe(false);
  seats.release(a, 1);
  expect(seats.take(b, 'x', 1).ok).toBe(true);
});

test('a session gives back its own seats alone', () => {
  const { session, seats } = hall();
  const [a, b] = [session(), session()];
  seats.take(a, 'x', 1);
  expect(seats.release(b, 1)).toBe(false);
  expect(seats.release(a, 2)).toBe(false);
  expect(seats.taken('x')).toBe(1);
});

test('seats go with their session', () => {
  const { session, seats } = hall();
  const [a, b] = [session(), session()];
  seats.take(a, 'x', 1);
  seats.releaseAll(a);
  expect(seats.take(b, 'x', 1).ok).toBe(true);
});

test('the seat of a session that is silent for longer than the lease is free, and the session over', () => {
  const { clock, session, seats, ended } = hall();
  const a = session();
  seats.take(a, 'x', 1);
  clock.nowMs = leaseMs;
  expect(seats.take(session(), 'x', 1)).toEqual({ ok: false, code: 'SEATS_TAKEN' });
  expect(seats.taken('x')).toBe(1);
  clock.nowMs = leaseMs + 1;
  expect(seats.taken('x')).toBe(0);
  expect(seats.take(session(), 'x', 1).ok).toBe(true);
  expect(ended).toEqual([a]);
});

test('a silent session keeps its seat as long as nobody needs it', () => {
  const { clock, session, seats, ended } = hall();
  const [a, b] = [session(), session()];
  seats.take(a, 'x', 3);
  seats.take(b, 'x', 3);
  clock.nowMs = leaseMs + 1;
  expect(seats.take(session(), 'x', 3).ok).toBe(true);
  expect(ended).toEqual([]);
  // No more are ended than are in the way.
  expect(seats.take(session(), 'x', 3).ok).toBe(true);
  expect(ended).toEqual([a]);
  b.usedMs = clock.nowMs;
  expect(seats.taken('x')).toBe(3);
});

test('a session whose request is being executed is not silent', () => {
  const { clock, session, seats } = hall();
  const a = session();
  a.executing = true;
  seats.take(a, 'x', 1);
  clock.nowMs = 10 * leaseMs;
  expect(seats.taken('x')).toBe(1);
  a.executing = false;
  expect(seats.taken('x')).toBe(0);
});

test('a session has seats at 32 places at most', () => {
  const { session, seats } = hall();
  const a = session();
  for (let i = 0; i < 32; i++) expect(seats.take(a, `${i}`, 1).ok).toBe(true);
  expect(seats.take(a, '32', 1)).toEqual({ ok: false, code: 'NO_SPACE' });
  expect(seats.take(a, '31', 1).ok).toBe(true);
});
