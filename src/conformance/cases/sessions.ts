import type { Case } from '../case.ts';

/** The places for sessions, and what ends none. */
export const sessionCases = [
  {
    name: 'init-leaves-the-session',
    clause: 'channel/sessions',
    title: 'INIT on the channel of a session, there and elsewhere, leaves the session as it is.',
    steps: [
      { do: 'session', on: 'a' },
      { do: 'resync', on: 'a' },
      { do: 'echo', on: 'a' },
      { do: 'request', on: 'a', command: 'echo', fields: { data: { bytes: 9 } } },
      { do: 'open', on: 'b' },
      { do: 'reply', on: 'a', result: { data: { bytes: 9 } } },
    ],
  },
  {
    name: 'ninth-session',
    clause: 'channel/sessions',
    title: 'There are eight sessions; a ninth is refused, and taken when one has ended.',
    steps: [
      { do: 'repeat', times: 8, steps: [{ do: 'session', on: 's#' }] },
      { do: 'open', on: 'late' },
      { do: 'hello', on: 'late' },
      { do: 'say', on: 'late', message: 1 },
      { do: 'hear', on: 'late', message: 2 },
      {
        do: 'call',
        on: 's7',
        command: 'invite',
        fields: { nonce: { bytes: 8 } },
        save: { invitation: 'invitation' },
      },
      { do: 'say', on: 'late', message: 3, claim: { invitation: { saved: 'invitation' } } },
      { do: 'refused', on: 'late', error: 'SESSION_LIMIT' },
      { do: 'echo', on: 's7' },
      { do: 'call', on: 's0', command: 'end' },
      { do: 'say', on: 'late', message: 3 },
      { do: 'hear', on: 'late', message: 'verdict' },
      { do: 'echo', on: 'late' },
    ],
  },
  {
    name: 'two-for-the-last-session',
    clause: 'channel/sessions',
    title: 'Of two hosts that finish their handshakes at once, one gets the last session.',
    steps: [
      { do: 'repeat', times: 7, steps: [{ do: 'session', on: 's#' }] },
      {
        do: 'repeat',
        times: 2,
        steps: [
          { do: 'open', on: 'x#' },
          { do: 'hello', on: 'x#' },
          { do: 'say', on: 'x#', message: 1 },
          { do: 'hear', on: 'x#', message: 2 },
          {
            do: 'call',
            on: 's#',
            command: 'invite',
            fields: { nonce: { bytes: 8 } },
            save: { invitation: 'invitation #' },
          },
        ],
      },
      {
        do: 'together',
        steps: [
          { do: 'say', on: 'x0', message: 3, claim: { invitation: { saved: 'invitation 0' } } },
          { do: 'say', on: 'x1', message: 3, claim: { invitation: { saved: 'invitation 1' } } },
        ],
      },
      { do: 'hear', on: 'x0', message: 'verdict' },
      { do: 'refused', on: 'x1', error: 'SESSION_LIMIT' },
    ],
  },
] satisfies readonly Case[];
