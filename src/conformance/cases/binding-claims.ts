import type { Case, Step } from '../case.ts';

/** A good claim but for its last field: an instance of 16 bytes, no machine. */
const beginning = `01 50 ${'11'.repeat(16)} 02 80`;

/** Payloads of message 3 that are no claims. */
const malformed: readonly string[] = [
  '',
  'a0',
  `a2 ${beginning}`,
  `a3 ${beginning} 03 00 00`,
  `a3 ${beginning} 03 18 00`,
  `a4 ${beginning} 03 00 06 00`,
  `a3 01 4f ${'11'.repeat(15)} 02 80 03 00`,
  `a3 01 50 ${'11'.repeat(16)} 02 81 47 ${'22'.repeat(7)} 03 00`,
  `a3 01 50 ${'11'.repeat(16)} 02 84 ${`48${'22'.repeat(8)}`.repeat(4)} 03 00`,
  `a4 ${beginning} 03 00 04 4f ${'33'.repeat(15)}`,
];

/** The owner's service dies before it can keep the ticket of its last binding. */
const unconfirmed: readonly Step[] = [
  { do: 'session', on: 'a', save: { ticket: 'first' } },
  { do: 'echo', on: 'a' },
  { do: 'session', on: 'b', claim: { ticket: 'kept' }, save: { ticket: 'second' } },
  { do: 'pushed', on: 'a', error: 'NO_SESSION' },
];

/** Who asks for the dongle, and how it knows the owner again. */
export const claimCases = [
  {
    name: 'claim-malformed',
    clause: 'binding/claim',
    title: 'A claim that cannot be read is refused, and changes nothing.',
    steps: [
      { do: 'session', on: 'a' },
      ...malformed.flatMap((hex): Step[] => [
        { do: 'open', on: 'b' },
        { do: 'hello', on: 'b', as: 'other' },
        { do: 'say', on: 'b', message: 1 },
        { do: 'hear', on: 'b', message: 2 },
        { do: 'say', on: 'b', message: 3, payload: { hex } },
        { do: 'refused', on: 'b', error: 'HANDSHAKE_REFUSED' },
      ]),
      {
        do: 'call',
        on: 'a',
        command: 'renew',
        fields: { nonce: { bytes: 8 } },
        result: { knocks: 0 },
      },
    ],
  },
  {
    name: 'binding-is-numbered',
    clause: 'binding/claim',
    title:
      'Each binding has a lease, a ticket of its own, and a greater epoch than the one before.',
    steps: [
      {
        do: 'session',
        on: 'a',
        result: { leaseMs: { from: 1, to: 3_600_000 }, ticket: { length: 16 } },
        save: { epoch: 'epoch', ticket: 'ticket' },
      },
      {
        do: 'session',
        on: 'b',
        claim: { ticket: 'kept' },
        result: { epoch: { above: 'epoch' }, ticket: { unlike: 'ticket' } },
      },
      { do: 'pushed', on: 'a', error: 'NO_SESSION' },
      { do: 'echo', on: 'b' },
    ],
  },
  {
    name: 'ticket-continues-the-lineage',
    clause: 'binding/ticket',
    title: 'The owner is known by its ticket and its key, and by nothing less.',
    steps: [
      { do: 'session', on: 'a', save: { ticket: 'first' } },
      { do: 'echo', on: 'a' },
      { do: 'session', on: 'b', claim: { ticket: 'kept' }, save: { ticket: 'second' } },
      { do: 'pushed', on: 'a', error: 'NO_SESSION' },
      { do: 'echo', on: 'b' },
      { do: 'session', on: 'c', claim: { ticket: { saved: 'first' } }, refusal: 'boundElsewhere' },
      { do: 'session', on: 'd', claim: { ticket: 'none' }, refusal: 'boundElsewhere' },
      {
        do: 'session',
        on: 'e',
        claim: { ticket: { saved: 'second', flip: 15 } },
        refusal: 'boundElsewhere',
      },
      {
        do: 'session',
        on: 'f',
        as: 'other',
        claim: { ticket: { saved: 'second' } },
        refusal: 'boundElsewhere',
      },
      { do: 'echo', on: 'b' },
    ],
  },
  {
    name: 'ticket-survives-power',
    clause: 'binding/ticket',
    title:
      'A binding is written down before its verdict: after a loss of power its ticket is known.',
    steps: [
      { do: 'session', on: 'a', save: { epoch: 'epoch' } },
      {
        // If it were not the lineage that comes, the fourth would lock the dongle.
        do: 'repeat',
        times: 6,
        steps: [
          { do: 'unplug' },
          { do: 'plug' },
          {
            do: 'session',
            on: 'a',
            result: { epoch: { above: 'epoch' } },
            save: { epoch: 'epoch' },
          },
        ],
      },
    ],
  },
  {
    name: 'ticket-not-kept',
    clause: 'binding/confirm',
    title: 'Until the first request of a binding, the ticket before continues the lineage too.',
    steps: [
      ...unconfirmed,
      { do: 'session', on: 'c', claim: { ticket: { saved: 'first' } } },
      { do: 'pushed', on: 'b', error: 'NO_SESSION' },
      // What is not the last ticket, nor the one that was used for it, is of no use.
      { do: 'session', on: 'd', claim: { ticket: { saved: 'second' } }, refusal: 'boundElsewhere' },
      { do: 'echo', on: 'c' },
      { do: 'session', on: 'e', claim: { ticket: { saved: 'first' } }, refusal: 'boundElsewhere' },
      { do: 'session', on: 'f', claim: { ticket: 'kept' } },
      { do: 'pushed', on: 'c', error: 'NO_SESSION' },
    ],
  },
  {
    name: 'confirmation-by-a-request-alone',
    clause: 'binding/confirm',
    title: 'A record that is refused confirms nothing.',
    steps: [
      ...unconfirmed,
      { do: 'request', on: 'b', command: 'echo', fields: { data: { bytes: 8 } }, flip: 0 },
      { do: 'refused', on: 'b', error: 'RECORD_REFUSED' },
      { do: 'session', on: 'c', claim: { ticket: { saved: 'first' } } },
      { do: 'pushed', on: 'b', error: 'NO_SESSION' },
    ],
  },
  {
    name: 'confirmation-survives-power',
    clause: 'binding/confirm',
    title:
      'A confirmation is written down: after a loss of power the ticket before is a stranger’s.',
    steps: [
      {
        // Each round ends in a takeover, and the fourth locks the dongle.
        do: 'repeat',
        times: 3,
        steps: [
          { do: 'open', on: 'a' },
          { do: 'session', on: 'a', save: { ticket: 'old' } },
          { do: 'echo', on: 'a' },
          { do: 'open', on: 'b' },
          { do: 'session', on: 'b', claim: { ticket: 'kept' } },
          { do: 'pushed', on: 'a', error: 'NO_SESSION' },
          { do: 'echo', on: 'b' },
          { do: 'unplug' },
          { do: 'plug' },
          { do: 'session', on: 'c', claim: { ticket: { saved: 'old' } } },
          { do: 'echo', on: 'c' },
          { do: 'unplug' },
          { do: 'plug' },
        ],
      },
      { do: 'session', on: 'd', claim: { ticket: 'none' }, refusal: 'lockedOut' },
    ],
  },
] satisfies readonly Case[];
