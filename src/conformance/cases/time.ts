import type { ErrorCode } from '../../errors.ts';
import type { Case, Step } from '../case.ts';
import { caseTime } from '../demo-licenses.ts';
import type { Expected } from '../step-data.ts';

/** Offers a time, so many seconds after `caseTime`; the device then says what it takes it to be. */
function offer(
  seconds: number,
  outcome: { result?: { time: Expected }; error?: ErrorCode } = {
    result: { time: caseTime + seconds },
  },
  on = 'a',
): Step {
  return { do: 'call', on, command: 'offerTime', fields: { time: caseTime + seconds }, ...outcome };
}

const day = 86_400;

/** The time of a device without a battery. */
export const timeCases = [
  {
    name: 'time-offered',
    clause: 'time/offered',
    title: 'The time is what was offered first, and counts on.',
    licenses: true,
    steps: [
      { do: 'session', on: 'a' },
      { do: 'call', on: 'a', command: 'readTime', result: { time: { absent: true } } },
      offer(0),
      { do: 'wait', ms: 5000 },
      {
        do: 'call',
        on: 'a',
        command: 'readTime',
        result: {
          time: { from: caseTime + 4, to: caseTime + 6 },
          certified: { absent: true },
          nonce: { length: 16 },
        },
      },
    ],
  },
  {
    name: 'time-never-goes-back',
    clause: 'time/offered',
    title: 'An offer that is behind changes nothing.',
    licenses: true,
    steps: [
      { do: 'session', on: 'a' },
      offer(0),
      offer(1000),
      offer(0, { result: { time: { from: caseTime + 1000, to: caseTime + 1002 } } }),
      { do: 'unplug' },
      { do: 'plug' },
      { do: 'session', on: 'b' },
      offer(0, { result: { time: { from: caseTime + 1000, to: caseTime + 1002 } } }, 'b'),
    ],
  },
  {
    name: 'time-a-day-ahead',
    clause: 'time/offered',
    title: 'Offers run a day ahead of the powered time since the first, and no more.',
    licenses: true,
    steps: [
      { do: 'session', on: 'a' },
      offer(0),
      offer(day + 60, { error: 'TIME_REFUSED' }),
      offer(day),
      offer(2 * day, { error: 'TIME_REFUSED' }),
      { do: 'unplug' },
      { do: 'plug' },
      { do: 'session', on: 'b' },
      offer(2 * day, { error: 'TIME_REFUSED' }, 'b'),
      offer(day, { result: { time: { from: caseTime + day, to: caseTime + day + 2 } } }, 'b'),
    ],
  },
  {
    name: 'time-never-set',
    clause: 'time/offered',
    title: 'The time of a clock that was never set is refused.',
    licenses: true,
    steps: [
      { do: 'session', on: 'a' },
      { do: 'call', on: 'a', command: 'offerTime', fields: { time: 1000 }, error: 'TIME_REFUSED' },
      { do: 'call', on: 'a', command: 'readTime', result: { time: { absent: true } } },
      offer(0),
    ],
  },
  {
    name: 'time-certified-by-nobody',
    clause: 'time/certified',
    title: 'A file that is no time file changes nothing, and each nonce is another.',
    steps: [
      { do: 'session', on: 'a' },
      { do: 'call', on: 'a', command: 'readTime', save: { nonce: 'nonce' } },
      {
        do: 'call',
        on: 'a',
        command: 'certifyTime',
        fields: { file: { bytes: 400 } },
        error: 'UPDATE_INVALID',
      },
      {
        do: 'call',
        on: 'a',
        command: 'certifyTime',
        fields: { file: { bytes: 0 } },
        error: 'UPDATE_INVALID',
      },
      {
        do: 'call',
        on: 'a',
        command: 'readTime',
        result: { certified: { absent: true }, nonce: { unlike: 'nonce' } },
      },
    ],
  },
] satisfies readonly Case[];
