import type { Case, Step } from '../case.ts';

const refused = { refusal: 'boundElsewhere' } as const;
const shared = { refusal: 'shared', waitMs: [299_000, 300_000] } as const;

/** So many refused claims of a runtime. */
function knocks(as: string, times: number): Step {
  return {
    do: 'repeat',
    times,
    steps: [
      { do: 'open', on: 'x' },
      { do: 'session', on: 'x', as, ...refused },
    ],
  };
}

/** Other machines that try while the owner is alive. */
export const sharingCases = [
  {
    name: 'third-stranger',
    clause: 'sharing/strangers',
    title: 'The third claim from another machine marks the dongle: all sessions end, none begins.',
    steps: [
      { do: 'session', on: 'a' },
      { do: 'session', on: 'b' },
      knocks('other', 2),
      { do: 'session', on: 'c', as: 'other', ...shared },
      { do: 'pushed', on: 'a', error: 'SHARED' },
      { do: 'pushed', on: 'b', error: 'SHARED' },
      { do: 'request', on: 'a', command: 'echo', fields: { data: { bytes: 8 } } },
      { do: 'refused', on: 'a', error: 'SHARED' },
      { do: 'session', on: 'd', ...shared },
      { do: 'reset' },
      { do: 'session', on: 'e', refusal: 'shared' },
      { do: 'unplug' },
      { do: 'plug' },
      { do: 'session', on: 'a' },
      { do: 'echo', on: 'a' },
    ],
  },
  {
    name: 'shared-for-300-seconds',
    clause: 'sharing/strangers',
    title: 'Without a loss of power, a shared dongle refuses everybody for 300 s.',
    steps: [
      { do: 'session', on: 'a' },
      knocks('other', 1),
      knocks('third', 1),
      { do: 'session', on: 'c', as: 'other', ...shared },
      { do: 'pushed', on: 'a', error: 'SHARED' },
      { do: 'wait', ms: 299_500 },
      { do: 'open', on: 'c' },
      { do: 'session', on: 'c', as: 'other', refusal: 'shared', waitMs: [1, 1000] },
      { do: 'wait', ms: 1000 },
      { do: 'session', on: 'd' },
      { do: 'echo', on: 'd' },
    ],
  },
  {
    name: 'own-machine-is-no-stranger',
    clause: 'sharing/strangers',
    title:
      'Other programs of the owner’s machine, and of unknown machines, do not mark the dongle.',
    steps: [
      { do: 'runtime', name: 'owner', machine: ['board', 'disk'] },
      { do: 'runtime', name: 'neighbour', machine: ['disk', 'system'] },
      { do: 'runtime', name: 'page', machine: [] },
      { do: 'session', on: 'a' },
      knocks('neighbour', 5),
      knocks('page', 5),
      knocks('other', 2),
      { do: 'echo', on: 'a' },
    ],
  },
  {
    name: 'owner-of-an-unknown-machine',
    clause: 'sharing/strangers',
    title: 'Where the owner’s machine is unknown, no claim is a stranger’s.',
    steps: [
      { do: 'runtime', name: 'owner', machine: [] },
      { do: 'session', on: 'a' },
      knocks('other', 5),
      { do: 'echo', on: 'a' },
    ],
  },
  {
    name: 'strangers-within-60-seconds',
    clause: 'sharing/strangers',
    title: 'Three claims mark the dongle when they come within 60 s.',
    steps: [
      { do: 'session', on: 'a' },
      {
        do: 'repeat',
        times: 4,
        steps: [
          knocks('other', 1),
          { do: 'wait', ms: 7800 },
          { do: 'echo', on: 'a' },
          { do: 'wait', ms: 7800 },
          { do: 'echo', on: 'a' },
          { do: 'wait', ms: 7800 },
          { do: 'echo', on: 'a' },
          { do: 'wait', ms: 7800 },
          { do: 'echo', on: 'a' },
        ],
      },
      { do: 'session', on: 'b', as: 'other', ...refused },
      { do: 'session', on: 'c', as: 'other', ...shared },
      { do: 'pushed', on: 'a', error: 'SHARED' },
    ],
  },
  {
    name: 'unfinished-strangers',
    clause: 'sharing/strangers',
    title: 'Handshakes that other machines do not finish do not count.',
    steps: [
      { do: 'session', on: 'a' },
      {
        do: 'repeat',
        times: 10,
        steps: [
          { do: 'open', on: 'x' },
          { do: 'hello', on: 'x', as: 'other' },
          { do: 'say', on: 'x', message: 1 },
          { do: 'hear', on: 'x', message: 2 },
          { do: 'say', on: 'x', message: 3, flip: 60 },
          { do: 'refused', on: 'x', error: 'HANDSHAKE_REFUSED' },
        ],
      },
      knocks('other', 2),
      { do: 'echo', on: 'a' },
    ],
  },
  {
    name: 'verdict-said-again',
    clause: 'sharing/strangers',
    title: 'Message 3 said again gets the same refusal again, and is one claim.',
    steps: [
      { do: 'session', on: 'a' },
      { do: 'session', on: 'b', as: 'other', ...refused },
      {
        do: 'repeat',
        times: 5,
        steps: [
          { do: 'say', on: 'b', message: 3 },
          { do: 'hear', on: 'b', message: 'verdict', again: true },
        ],
      },
      {
        do: 'call',
        on: 'a',
        command: 'renew',
        fields: { nonce: { bytes: 8 } },
        result: { knocks: 1 },
      },
    ],
  },
  {
    name: 'heir-is-no-stranger',
    clause: 'sharing/strangers',
    title: 'The lineage and the heir, wherever they are, do not count.',
    steps: [
      { do: 'runtime', name: 'heir' },
      { do: 'session', on: 'a' },
      knocks('other', 2),
      { do: 'call', on: 'a', command: 'handOver', fields: { key: { saved: 'heir.key' } } },
      { do: 'session', on: 'b', as: 'heir' },
      { do: 'pushed', on: 'a', error: 'BINDING_LOST' },
      { do: 'runtime', name: 'heir', machine: ['elsewhere'], restarted: true },
      { do: 'session', on: 'c', as: 'heir' },
      { do: 'pushed', on: 'b', error: 'SUPERSEDED' },
      { do: 'echo', on: 'c' },
    ],
  },
] satisfies readonly Case[];
