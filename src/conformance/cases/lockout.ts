import type { Case, Step } from '../case.ts';

const names = ['a', 'b'] as const;

/** So many bindings of the runtimes a and b in turn, and what comes before each. */
function inTurn(
  times: number,
  before: (on: string, last: string, round: number) => Step[],
): Step[] {
  return Array.from({ length: times }, (_, round): Step[] => [
    ...before(`s${round}`, `s${round - 1}`, round),
    { do: 'session', on: `s${round}`, as: names[round % 2] as string },
  ]).flat();
}

/** The last step, but that the dongle locks. */
function locked(steps: readonly Step[]): Step[] {
  const last = { ...steps.at(-1), refusal: 'lockedOut', waitMs: [299_000, 300_000] };
  return [...steps.slice(0, -1), last as Step];
}

const replug: Step[] = [{ do: 'unplug' }, { do: 'plug' }];

/** A takeover when the lease has run out, of which the owner before hears. */
function outwaited(times: number, ms: number): Step[] {
  return inTurn(times, (_, last, round) => [
    ...(round > 1 ? [{ do: 'pushed', on: `s${round - 2}`, error: 'BINDING_LOST' } as const] : []),
    ...(round > 0 ? [{ do: 'echo', on: last } as const, { do: 'wait', ms } as const] : []),
  ]);
}

const afterEnd = (times: number) =>
  inTurn(times, (_, last, round) => (round > 0 ? [{ do: 'call', on: last, command: 'end' }] : []));

/** What locks the dongle, and what does not. */
export const lockoutCases = [
  {
    name: 'four-takeovers',
    clause: 'lockout/takeovers',
    title: 'The fourth takeover within 60 s locks the dongle, though it was replugged in between.',
    steps: [
      ...locked(inTurn(5, (_on, _last, round) => (round > 0 ? replug : []))),
      { do: 'session', on: 'c', as: 'b', refusal: 'lockedOut' },
      { do: 'session', on: 'd', as: 'c', refusal: 'lockedOut' },
    ],
  },
  {
    name: 'lockout-ends-sessions',
    clause: 'lockout/takeovers',
    title: 'A lockout ends every session with LOCKED_OUT.',
    steps: [
      ...locked(outwaited(5, 10_100)),
      { do: 'pushed', on: 's3', error: 'LOCKED_OUT' },
      { do: 'request', on: 's3', command: 'echo', fields: { data: { bytes: 8 } } },
      { do: 'refused', on: 's3', error: 'LOCKED_OUT' },
    ],
  },
  {
    name: 'slow-takeovers',
    clause: 'lockout/takeovers',
    title: 'Takeovers 25 s apart lock the dongle at the twelfth.',
    steps: [...locked(outwaited(13, 25_000)), { do: 'pushed', on: 's11', error: 'LOCKED_OUT' }],
  },
  {
    name: 'takeovers-after-end',
    clause: 'lockout/takeovers',
    title: 'Takeovers after END lock the dongle at the twelfth alone.',
    steps: locked(afterEnd(13)),
  },
  {
    name: 'end-survives-power',
    clause: 'lockout/takeovers',
    title: 'END is written down: a takeover after it and a loss of power is one after END.',
    steps: inTurn(9, (_, last, round) =>
      round > 0 ? [{ do: 'call', on: last, command: 'end' }, ...replug] : [],
    ),
  },
  {
    name: 'handovers-do-not-count',
    clause: 'lockout/takeovers',
    title: 'However often the dongle is handed over, it does not lock.',
    steps: [
      { do: 'runtime', name: 'a' },
      { do: 'runtime', name: 'b' },
      ...inTurn(15, (_, last, round) =>
        round === 0
          ? []
          : [
              ...(round > 1
                ? [{ do: 'pushed', on: `s${round - 2}`, error: 'BINDING_LOST' } as const]
                : []),
              {
                do: 'call',
                on: last,
                command: 'handOver',
                fields: { key: { saved: `${names[round % 2]}.key` } },
              },
            ],
      ),
      { do: 'pushed', on: 's13', error: 'BINDING_LOST' },
    ],
  },
  {
    name: 'lineage-does-not-count',
    clause: 'lockout/takeovers',
    title: 'However often a runtime starts again in one attach, the dongle does not lock.',
    steps: [
      {
        do: 'repeat',
        times: 15,
        steps: [
          { do: 'runtime', name: 'owner', restarted: true },
          { do: 'open', on: 'a' },
          { do: 'session', on: 'a' },
          { do: 'echo', on: 'a' },
        ],
      },
    ],
  },
  {
    name: 'ten-attaches',
    clause: 'lockout/attaches',
    title: 'The tenth attach within 60 s in which a runtime binds locks the dongle.',
    steps: [
      {
        do: 'repeat',
        times: 9,
        steps: [{ do: 'session', on: 'a' }, { do: 'echo', on: 'a' }, ...replug],
      },
      { do: 'session', on: 'a', refusal: 'lockedOut', waitMs: [299_000, 300_000] },
    ],
  },
  {
    name: 'ten-attaches-on-ten-days',
    clause: 'lockout/attaches',
    title: 'Attaches that are days apart by the runtime’s clock do not lock the dongle.',
    steps: Array.from({ length: 12 }, (_, day): Step[] => [
      { do: 'runtime', name: 'owner', clockMs: day * 86_400_000 },
      { do: 'session', on: 'a' },
      { do: 'echo', on: 'a' },
      ...replug,
    ]).flat(),
  },
  {
    name: 'slow-attaches',
    clause: 'lockout/attaches',
    title:
      'Attaches that are far apart in powered time do not lock it, whatever the runtime’s clock.',
    steps: Array.from({ length: 12 }, (_, round): Step[] => [
      { do: 'runtime', name: 'owner', clockMs: 96_000 - 8000 * round },
      { do: 'session', on: 'a' },
      { do: 'wait', ms: 8000 },
      { do: 'reset' },
    ]).flat(),
  },
  {
    name: 'attaches-without-binding',
    clause: 'lockout/attaches',
    title: 'Attaches in which nobody binds do not count.',
    steps: [
      { do: 'session', on: 'a' },
      {
        do: 'repeat',
        times: 15,
        steps: [...replug, { do: 'open', on: 'b' }, { do: 'hello', on: 'b' }],
      },
      { do: 'session', on: 'a' },
    ],
  },
] satisfies readonly Case[];
