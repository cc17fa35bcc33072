import type { Case, Step } from '../case.ts';

const refused = { as: 'other', refusal: 'boundElsewhere' } as const;

/** A session asks for an invitation, which is saved under this name. */
function invite(on: string, invitation: string): Step {
  return {
    do: 'call',
    on,
    command: 'invite',
    fields: { nonce: { bytes: 8 } },
    save: { invitation },
  };
}

/** A handshake by an invitation that is worth nothing. */
function uninvited(on: string, invitation: string, as = 'owner'): Step[] {
  return [
    { do: 'open', on },
    { do: 'hello', on, as },
    { do: 'say', on, message: 1 },
    { do: 'hear', on, message: 2 },
    { do: 'say', on, message: 3, claim: { invitation: { saved: invitation } } },
    { do: 'refused', on, error: 'HANDSHAKE_REFUSED' },
  ];
}

function handOver(on: string, to: string): Step {
  return { do: 'call', on, command: 'handOver', fields: { key: { saved: `${to}.key` } } };
}

/** How a binding is given up, handed over, and shared by sessions of one runtime. */
export const bindingEndCases = [
  {
    name: 'end-gives-up',
    clause: 'binding/end',
    title: 'END on the last session gives the binding up: others need not wait.',
    steps: [
      { do: 'session', on: 'a' },
      { do: 'session', on: 'b' },
      { do: 'call', on: 'a', command: 'end' },
      { do: 'session', on: 'c', ...refused },
      { do: 'call', on: 'b', command: 'end' },
      { do: 'session', on: 'd', as: 'other' },
      { do: 'echo', on: 'd' },
    ],
  },
  {
    name: 'link-that-goes-keeps-the-lease',
    clause: 'binding/end',
    title: 'An owner that goes without END keeps its lease.',
    steps: [
      { do: 'session', on: 'a' },
      { do: 'reset' },
      { do: 'wait', ms: 5000 },
      { do: 'session', on: 'b', ...refused, waitMs: [4000, 5000] },
    ],
  },
  {
    name: 'end-and-back',
    clause: 'binding/end',
    title: 'After END the ticket is as good as before.',
    steps: [
      { do: 'session', on: 'a', save: { epoch: 'epoch' } },
      { do: 'call', on: 'a', command: 'end' },
      { do: 'session', on: 'b', result: { epoch: { above: 'epoch' } } },
      { do: 'session', on: 'c', ...refused },
      { do: 'echo', on: 'b' },
    ],
  },
  {
    name: 'handover-to-the-heir',
    clause: 'binding/handover',
    title: 'Within 30 s the named runtime takes over while the owner lives, and no other does.',
    steps: [
      { do: 'runtime', name: 'heir' },
      { do: 'session', on: 'a' },
      {
        do: 'call',
        on: 'a',
        command: 'handOver',
        fields: { key: { saved: 'heir.key' } },
        result: { windowMs: { from: 1, to: 3_600_000 } },
      },
      { do: 'session', on: 'b', ...refused },
      { do: 'wait', ms: 9000 },
      { do: 'echo', on: 'a' },
      { do: 'session', on: 'c', as: 'heir' },
      { do: 'pushed', on: 'a', error: 'BINDING_LOST' },
      { do: 'session', on: 'd', refusal: 'boundElsewhere' },
      { do: 'echo', on: 'c' },
    ],
  },
  {
    name: 'handover-runs-out',
    clause: 'binding/handover',
    title: 'After 30 s the named runtime is refused as any other.',
    steps: [
      { do: 'runtime', name: 'heir' },
      { do: 'session', on: 'a' },
      handOver('a', 'heir'),
      {
        do: 'repeat',
        times: 4,
        steps: [
          { do: 'wait', ms: 7600 },
          { do: 'echo', on: 'a' },
        ],
      },
      { do: 'session', on: 'b', as: 'heir', refusal: 'boundElsewhere' },
      { do: 'echo', on: 'a' },
    ],
  },
  {
    name: 'handover-ends-with-the-binding',
    clause: 'binding/handover',
    title: 'A new binding ends the grant of the one before.',
    steps: [
      { do: 'runtime', name: 'heir' },
      { do: 'session', on: 'a' },
      handOver('a', 'heir'),
      { do: 'session', on: 'b', claim: { ticket: 'kept' } },
      { do: 'pushed', on: 'a', error: 'NO_SESSION' },
      { do: 'session', on: 'c', as: 'heir', refusal: 'boundElsewhere' },
      { do: 'echo', on: 'b' },
    ],
  },
  {
    name: 'invitation-gives-a-session',
    clause: 'binding/invite',
    title: 'An invitation gives one more session of the same binding, and no ticket.',
    steps: [
      { do: 'session', on: 'a', save: { epoch: 'epoch' } },
      invite('a', 'one'),
      {
        do: 'session',
        on: 'b',
        claim: { invitation: { saved: 'one' } },
        result: { epoch: { saved: 'epoch' }, ticket: { absent: true } },
      },
      { do: 'echo', on: 'a' },
      { do: 'echo', on: 'b' },
    ],
  },
  {
    name: 'invitation-good-once',
    clause: 'binding/invite',
    title: 'An invitation is good once, for 10 s, and until the session gives the next.',
    steps: [
      { do: 'session', on: 'a' },
      invite('a', 'one'),
      { do: 'session', on: 'b', claim: { invitation: { saved: 'one' } } },
      ...uninvited('c', 'one'),
      invite('a', 'two'),
      invite('a', 'three'),
      ...uninvited('d', 'two'),
      { do: 'session', on: 'e', claim: { invitation: { saved: 'three' } } },
      invite('a', 'four'),
      { do: 'wait', ms: 9000 },
      { do: 'echo', on: 'a' },
      { do: 'wait', ms: 1100 },
      ...uninvited('f', 'four'),
      { do: 'echo', on: 'a' },
    ],
  },
  {
    name: 'invitation-of-a-living-session',
    clause: 'binding/invite',
    title: 'An invitation goes with its session.',
    steps: [
      { do: 'session', on: 'a' },
      { do: 'session', on: 'b' },
      invite('b', 'one'),
      { do: 'call', on: 'b', command: 'end' },
      ...uninvited('c', 'one'),
      invite('a', 'two'),
      { do: 'session', on: 'd', claim: { ticket: 'kept' } },
      { do: 'pushed', on: 'a', error: 'NO_SESSION' },
      ...uninvited('e', 'two'),
    ],
  },
  {
    name: 'invitation-for-this-runtime',
    clause: 'binding/invite',
    title: 'Another runtime, another instance or a wrong invitation is refused and does not count.',
    steps: [
      { do: 'runtime', name: 'copy', like: 'owner', restarted: true },
      { do: 'runtime', name: 'other', like: 'owner', rekeyed: true },
      { do: 'session', on: 'a' },
      invite('a', 'one'),
      ...uninvited('b', 'one', 'other'),
      ...uninvited('c', 'one', 'copy'),
      { do: 'open', on: 'd' },
      { do: 'hello', on: 'd' },
      { do: 'say', on: 'd', message: 1 },
      { do: 'hear', on: 'd', message: 2 },
      { do: 'say', on: 'd', message: 3, claim: { invitation: { saved: 'one', flip: 0 } } },
      { do: 'refused', on: 'd', error: 'HANDSHAKE_REFUSED' },
      { do: 'session', on: 'e', claim: { invitation: { saved: 'one' } } },
      {
        do: 'call',
        on: 'e',
        command: 'renew',
        fields: { nonce: { bytes: 8 } },
        result: { knocks: 0 },
      },
    ],
  },
] satisfies readonly Case[];
