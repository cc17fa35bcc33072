import { describe, expect, test } from 'vitest';
import {
  type BindStep,
  bind,
  type Claim,
  defaultRules,
  end,
  handOver,
  type Ownership,
  powerUp,
  renew,
  unowned,
} from '../../../src/emulator/firmware/ownership/index.ts';
import { named } from './device.ts';

const fresh: Ownership = { ...unowned, ...powerUp };

function claim(name: string, change: Partial<Claim> = {}): Claim {
  return {
    key: named(`key ${name}`, 16),
    instance: named(`instance ${name}`, 16),
    machine: [named(`machine ${name}`, 8)],
    ticket: undefined,
    wallMs: 0,
    ...change,
  };
}

const ticketOf = (name: string) => named(`ticket ${name}`, 16);

/** `name` asks for the dongle, and would get the ticket of the same name. */
function ask(state: Ownership, name: string, nowMs: number, change: Partial<Claim> = {}): BindStep {
  return bind(defaultRules, state, claim(name, change), ticketOf(name), nowMs);
}

/** The same, and it gets it. */
function bound(
  state: Ownership,
  name: string,
  nowMs: number,
  change: Partial<Claim> = {},
): Ownership {
  const step = ask(state, name, nowMs, change);
  if (step.kind !== 'bound') throw new Error(`${name} is refused: ${step.refusal}`);
  return step.state;
}

const taker = (i: number) => (i % 2 === 0 ? 'a' : 'b');

/** The state after so many takeovers, one each `everyMs`, and when the last was. */
function taken(times: number, everyMs: number, given = (state: Ownership) => state): Ownership {
  let state = bound(fresh, 'a', 0);
  for (let i = 1; i <= times; i++) state = bound(given(state), taker(i), i * everyMs);
  return state;
}

/** What survives a loss of power. */
function replugged(state: Ownership): Ownership {
  return { ...state, ...powerUp };
}

describe('takeovers', () => {
  test('count while they lie within their limit, the last millisecond too', () => {
    const slow = (everyMs: number) => ask(taken(3, everyMs), 'a', 4 * everyMs).kind;
    // Four of them span three gaps.
    expect(slow(20_000)).toBe('refused');
    expect(slow(20_001)).toBe('bound');
  });

  test('the first binding of all is none, and neither is one by the ticket', () => {
    let state = taken(3, 10_000, replugged);
    const change = { ticket: ticketOf('b') };
    for (let i = 0; i < 20; i++) state = bound(state, 'b', 30_000, change);
    expect(state.takeovers).toHaveLength(3);
  });

  test('of a lockout begin anew, and it leaves the binding as it is', () => {
    const before = replugged(taken(3, 1000, replugged));
    const step = ask(handOver(defaultRules, before, claim('c').key, 4000), 'a', 4000);
    expect(step).toMatchObject({ kind: 'refused', refusal: 'lockedOut', endsSessions: true });
    expect(step.state).toMatchObject({
      binding: before.binding,
      takeovers: [],
      attaches: [],
      handover: undefined,
      lockedUntilMs: 304_000,
    });
    const last = ask(step.state, 'b', 303_999, { ticket: ticketOf('b') });
    expect(last).toMatchObject({ kind: 'refused', refusal: 'lockedOut', waitMs: 1 });
    expect(last.state).toBe(step.state);
    expect(ask(step.state, 'b', 304_000, { ticket: ticketOf('b') }).kind).toBe('bound');
  });
});

describe('the ticket before', () => {
  test('is that by which the runtime came, not the one that it has not got', () => {
    let state = renew(defaultRules, bound(fresh, 'a', 0), 0);
    const asks = (ticket: string, next: string) =>
      bind(defaultRules, state, claim('a', { ticket: ticketOf(ticket) }), ticketOf(next), 1);
    for (const next of ['second', 'third']) {
      const step = asks('a', next);
      if (step.kind !== 'bound') throw new Error(step.refusal);
      state = step.state;
    }
    expect(asks('second', 'x')).toMatchObject({ refusal: 'boundElsewhere' });
    expect(asks('third', 'x').kind).toBe('bound');
    expect(asks('a', 'x').kind).toBe('bound');
    state = renew(defaultRules, state, 2);
    expect(asks('a', 'x')).toMatchObject({ refusal: 'boundElsewhere' });
    expect(asks('third', 'x').kind).toBe('bound');
  });

  test('of the owner is none of the runtime that took over', () => {
    const state = bound(bound(fresh, 'a', 0), 'b', 10_000);
    expect(state.binding?.previousTicket).toBeUndefined();
    expect(ask(state, 'a', 10_001, { ticket: ticketOf('a') })).toMatchObject({
      refusal: 'boundElsewhere',
      waitMs: 9999,
    });
  });
});

describe('END', () => {
  test('is that of one binding: the next one has to be waited for', () => {
    const ended = end(bound(fresh, 'a', 0));
    const next = bound(ended, 'a', 1, { ticket: ticketOf('a') });
    expect(ask(next, 'b', 2)).toMatchObject({ refusal: 'boundElsewhere' });
    expect(bound(next, 'b', 10_001).takeovers).toEqual([{ atMs: 10_001, afterEnd: false }]);
    expect(bound(ended, 'b', 1).takeovers).toEqual([{ atMs: 1, afterEnd: true }]);
  });
});

test('a handover is no takeover, and not without its key', () => {
  const state = handOver(defaultRules, bound(fresh, 'a', 0), claim('b').key, 0);
  expect(ask(state, 'c', 1)).toMatchObject({ refusal: 'boundElsewhere' });
  expect(bound(state, 'b', 1)).toMatchObject({ takeovers: [], handover: undefined });
  // When its time is over, the heir is one like all others.
  expect(bound(state, 'b', 30_000).takeovers).toHaveLength(1);
});

test('a refused claim leaves all that lasts as it was', () => {
  const before = bound(fresh, 'a', 0);
  const { state } = ask(before, 'b', 1);
  const lasting = Object.keys(unowned) as (keyof typeof unowned)[];
  for (const name of lasting) expect(state[name]).toBe(before[name]);
});
