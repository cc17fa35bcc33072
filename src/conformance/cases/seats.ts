import type { ErrorCode } from '../../errors.ts';
import type { Case, Step } from '../case.ts';
import { demoVendor } from '../demo-licenses.ts';
import type { Expected, Value } from '../step-data.ts';

/** A session takes a seat. */
function sit(
  on: string,
  place: Readonly<Record<string, Value>>,
  outcome: {
    result?: Readonly<Record<string, Expected>>;
    error?: ErrorCode;
    save?: { seat: string };
  } = {},
): Step {
  return { do: 'call', on, command: 'takeSeat', fields: place, ...outcome };
}

const license = { vendor: demoVendor, product: 7 } as const;
const application = { application: 200 } as const;

/** Seats: they count sessions, and go with them. */
export const seatCases = [
  {
    name: 'seats-of-an-application',
    clause: 'licenses/seats',
    title: 'An application has the seats of the license table, and is free without a row.',
    licenses: true,
    steps: [
      { do: 'session', on: 'a' },
      { do: 'session', on: 'b' },
      sit('a', application, { result: { seatsLeft: 0 }, save: { seat: 'seat' } }),
      sit('b', application, { error: 'SEATS_TAKEN' }),
      {
        do: 'call',
        on: 'b',
        command: 'releaseSeat',
        fields: { seat: { saved: 'seat' } },
        error: 'INVALID_ARGUMENT',
      },
      sit('b', application, { error: 'SEATS_TAKEN' }),
      { do: 'call', on: 'a', command: 'releaseSeat', fields: { seat: { saved: 'seat' } } },
      sit('b', application, { result: { seatsLeft: 0 } }),
      sit('a', { application: 201 }, { error: 'SEATS_TAKEN' }),
      sit('a', { application: 202 }, { result: { seatsLeft: { absent: true } } }),
      sit('a', { application: 203 }, { result: { seatsLeft: { absent: true } } }),
    ],
  },
  {
    name: 'seats-of-a-license',
    clause: 'licenses/seats',
    title: 'A license has as many seats as its quantity, and one session needs one alone.',
    licenses: true,
    steps: [
      { do: 'session', on: 'a' },
      { do: 'session', on: 'b' },
      sit('a', license, { result: { seatsLeft: 0 }, save: { seat: 'seat' } }),
      sit('a', license, { result: { seat: { saved: 'seat' }, seatsLeft: 0 } }),
      sit('b', license, { error: 'SEATS_TAKEN' }),
      { do: 'call', on: 'a', command: 'releaseSeat', fields: { seat: { saved: 'seat' } } },
      sit('b', license, { error: 'SEATS_TAKEN' }),
      { do: 'call', on: 'a', command: 'releaseSeat', fields: { seat: { saved: 'seat' } } },
      sit('b', license),
      sit('b', { ...license, application: 200 }, { error: 'INVALID_ARGUMENT' }),
      sit('b', { vendor: demoVendor }, { error: 'INVALID_ARGUMENT' }),
      sit('b', { vendor: demoVendor, product: 77 }, { error: 'LICENSE_NOT_FOUND' }),
    ],
  },
  {
    name: 'seats-go-with-their-session',
    clause: 'licenses/seats',
    title: 'A session that ends gives its seats back.',
    licenses: true,
    steps: [
      { do: 'session', on: 'a' },
      { do: 'session', on: 'b' },
      sit('a', application),
      { do: 'call', on: 'a', command: 'end' },
      sit('b', application),
    ],
  },
  {
    name: 'seats-of-silent-sessions',
    clause: 'licenses/seats',
    title:
      'Who needs the seat of a session that is silent for the lease gets it, and that session is over.',
    licenses: true,
    steps: [
      { do: 'session', on: 'a' },
      { do: 'session', on: 'b' },
      sit('a', application),
      { do: 'wait', ms: 6000 },
      { do: 'echo', on: 'b' },
      sit('b', application, { error: 'SEATS_TAKEN' }),
      { do: 'wait', ms: 5000 },
      sit('b', application, { result: { seatsLeft: 0 } }),
      { do: 'request', on: 'a', command: 'echo', fields: { data: { bytes: 8 } } },
      { do: 'refused', on: 'a', error: 'NO_SESSION' },
    ],
  },
] satisfies readonly Case[];
