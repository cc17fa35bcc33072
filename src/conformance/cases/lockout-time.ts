import type { Case, Step } from '../case.ts';

const replug: Step[] = [{ do: 'unplug' }, { do: 'plug' }];

/** Locks the dongle by ten attaches. */
const lock: Step[] = [
  { do: 'repeat', times: 9, steps: [{ do: 'session', on: 'a' }, ...replug] },
  { do: 'session', on: 'a', refusal: 'lockedOut', waitMs: [300_000, 300_000] },
];

/** HELLO, on a channel of its own, tells that so many seconds are left. */
function secondsLeft(from: number, to = from): Step[] {
  return [
    { do: 'open', on: 'x' },
    { do: 'hello', on: 'x', result: { lockedSeconds: { from, to } } },
  ];
}

/** How long a lockout lasts. */
export const lockoutTimeCases = [
  {
    name: 'lockout-lasts-300-seconds',
    clause: 'lockout/time',
    title: 'A lockout lasts 300 s, of which HELLO tells what is left, and then all is as before.',
    steps: [
      ...lock,
      ...secondsLeft(300),
      { do: 'wait', ms: 10_500 },
      ...secondsLeft(290),
      { do: 'wait', ms: 289_000 },
      ...secondsLeft(1),
      { do: 'open', on: 'b' },
      { do: 'session', on: 'b', refusal: 'lockedOut', waitMs: [1, 1000] },
      { do: 'session', on: 'c', as: 'other', refusal: 'lockedOut' },
      { do: 'wait', ms: 600 },
      { do: 'open', on: 'd' },
      { do: 'hello', on: 'd', result: { lockedSeconds: { absent: true } } },
      { do: 'session', on: 'd' },
      { do: 'echo', on: 'd' },
    ],
  },
  {
    name: 'unplugging-pauses-a-lockout',
    clause: 'lockout/time',
    title: 'A loss of power takes nothing away from a lockout and adds a second at most.',
    steps: [
      ...lock,
      { do: 'wait', ms: 100_400 },
      { do: 'unplug' },
      { do: 'wait', ms: 1_000_000 },
      { do: 'plug' },
      ...secondsLeft(200, 201),
      { do: 'wait', ms: 199_500 },
      { do: 'open', on: 'b' },
      { do: 'session', on: 'b', refusal: 'lockedOut' },
      { do: 'wait', ms: 1500 },
      { do: 'open', on: 'c' },
      { do: 'session', on: 'c' },
    ],
  },
  {
    name: 'many-cuts-in-a-lockout',
    clause: 'lockout/time',
    title: 'Of each of many losses of power in a lockout the same is true.',
    steps: [
      ...lock,
      { do: 'repeat', times: 20, steps: [{ do: 'wait', ms: 3700 }, ...replug] },
      // 74 s have passed, of which each loss may have cost one.
      ...secondsLeft(226, 246),
      { do: 'wait', ms: 225_500 },
      { do: 'open', on: 'b' },
      { do: 'session', on: 'b', refusal: 'lockedOut' },
      { do: 'wait', ms: 20_500 },
      { do: 'open', on: 'c' },
      { do: 'session', on: 'c' },
    ],
  },
  {
    name: 'reset-in-a-lockout',
    clause: 'lockout/time',
    title: 'Neither a bus reset nor the runtime’s clock shortens a lockout.',
    steps: [
      ...lock,
      { do: 'wait', ms: 50_000 },
      { do: 'reset' },
      { do: 'runtime', name: 'owner', clockMs: 86_400_000 },
      { do: 'session', on: 'b', refusal: 'lockedOut', waitMs: [249_000, 250_000] },
      ...secondsLeft(250),
    ],
  },
  {
    name: 'counting-begins-anew',
    clause: 'lockout/time',
    title: 'What was counted before a lockout does not count after it.',
    steps: [
      {
        do: 'repeat',
        times: 6,
        steps: [
          { do: 'open', on: 'a' },
          { do: 'session', on: 'a', as: 'a' },
          { do: 'call', on: 'a', command: 'end' },
          { do: 'open', on: 'b' },
          { do: 'session', on: 'b', as: 'b' },
          { do: 'call', on: 'b', command: 'end' },
        ],
      },
      { do: 'session', on: 'c', as: 'a', refusal: 'lockedOut' },
      { do: 'wait', ms: 300_000 },
      { do: 'session', on: 'd', as: 'c' },
      ...replug,
      { do: 'session', on: 'd', as: 'd' },
    ],
  },
] satisfies readonly Case[];
