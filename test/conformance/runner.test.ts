import { describe, expect, test } from 'vitest';
import {
  type Case,
  createReport,
  formatReport,
  runCase,
  type Step,
} from '../../src/conformance/index.ts';
import { virtualTarget } from '../support/conformance-target.ts';

/** What becomes of steps on a good dongle. */
async function outcome(...steps: readonly Step[]): Promise<string | undefined> {
  const each: Case = { name: 'case', clause: 'packets/ping', title: '', steps };
  return (await runCase(await virtualTarget('runner'), 'hid', each)).failure;
}

const open: Step = { do: 'open', on: 'a' };
const session: Step = { do: 'session', on: 'a' };
const ping: Step = { do: 'send', on: 'a', command: 'PING', payload: { bytes: 4 } };
const call = { do: 'call', on: 'a', command: 'random', fields: { count: 8 } } as const;

const device = { type: 0x80, request: 6, value: 0x0100, length: 18 };
const nothing = { type: 0x80, request: 6, value: 0x0400, length: 18 };

describe('a case fails', () => {
  test.each<[string, readonly Step[], RegExp]>([
    [
      'where nothing comes',
      [open, { do: 'refused', on: 'a', error: 'OTHER' }],
      /step 2 .*nothing came/,
    ],
    [
      'where another command comes',
      [open, ping, { do: 'expect', on: 'a', command: 'WINK' }],
      /PING with 4 bytes/,
    ],
    [
      'where another error comes',
      [open, { do: 'send', on: 'a', command: 0x2a }, { do: 'refused', on: 'a', error: 'OTHER' }],
      /INVALID_COMMAND came on a instead of OTHER/,
    ],
    [
      'where another payload comes',
      [open, ping, { do: 'expect', on: 'a', command: 'PING', payload: { bytes: 5 } }],
      /the payload is/,
    ],
    [
      'where an answer comes too early',
      [open, ping, { do: 'expect', on: 'a', command: 'PING', afterMs: 5 }],
      /after 0\.0 ms/,
    ],
    [
      'where an answer comes too late',
      [session, { ...call, command: 'generateKey', fields: { type: 'rsa2048' }, withinMs: 1400 }],
      /within 1400 ms/,
    ],
    ['where something comes in a silence', [open, ping, { do: 'silence', ms: 1 }], /unasked/],
    ['where an answer is left over', [open, ping], /unasked/],
    [
      'where a refusal is expected and a success comes',
      [session, { ...call, error: 'BUSY' }],
      /a success instead of BUSY/,
    ],
    [
      'where a success is expected and a refusal comes',
      [session, { ...call, fields: { count: 65_401 } }],
      /REQUEST_TOO_LARGE instead of a success/,
    ],
    [
      'where a result differs',
      [session, { ...call, result: { data: { length: 9 } } }],
      /random’s data/,
    ],
    [
      'where a result is the same',
      [
        session,
        { ...call, save: { data: 'x' } },
        { do: 'again', on: 'a' },
        { do: 'reply', on: 'a', result: { data: { unlike: 'x' } } },
      ],
      /the same as x/,
    ],
    [
      'where a reply is not the same again',
      [session, call, { ...call, again: true }],
      /not the same/,
    ],
    ['where no KEEPALIVE comes', [session, { ...call, keepaliveMs: [90, 110] }], /no KEEPALIVE/],
    [
      'where a control transfer is refused',
      [{ do: 'control', setup: nothing, answer: { length: 18 } }],
      /step 1 \(control\): the device refuses/,
    ],
    [
      'where a control transfer is not refused',
      [{ do: 'control', setup: device, stall: true }],
      /does not refuse/,
    ],
    [
      'where a control transfer brings another answer',
      [{ do: 'control', setup: device, answer: { length: 17 } }],
      /the answer is 1201.* instead of 17 bytes/,
    ],
    [
      'where a control transfer brings bytes for nothing',
      [{ do: 'control', setup: device }],
      /the answer is 1201.* instead of empty/,
    ],
    [
      'where a string is another',
      [
        open,
        { do: 'hello', on: 'a', save: { model: 'model' } },
        {
          do: 'control',
          setup: { type: 0x80, request: 6, value: 0x0303, index: 0x0409, length: 255 },
          answer: { text: 'model' },
        },
      ],
      /the answer is/,
    ],
    [
      'where HELLO tells something else',
      [open, { do: 'hello', on: 'a', result: { model: 'another' } }],
      /HELLO’s model is/,
    ],
    [
      'where nothing can be read',
      [{ do: 'read', from: 0x82, room: 512 }],
      /not over after 1000 ms/,
    ],
    [
      'where a transfer is not refused',
      [{ do: 'write', to: 0x02, stall: true }],
      /does not refuse/,
    ],
    [
      'where a transfer is refused',
      [
        { do: 'control', setup: { type: 0x02, request: 3, index: 0x02 } },
        { do: 'write', to: 0x02 },
      ],
      /step 2 \(write\): the device refuses/,
    ],
    [
      'where a channel of before a bus reset is used',
      [open, { do: 'reset' }, ping],
      /no channel has the name a/,
    ],
    [
      'where a claim is accepted that was to be refused',
      [{ ...session, refusal: 'boundElsewhere' }],
      /the verdict is accepted instead of boundElsewhere/,
    ],
    [
      'where a claim is refused that was to be accepted',
      [session, { ...session, on: 'b', as: 'other' }],
      /the verdict is boundElsewhere instead of accepted/,
    ],
    [
      'where a refusal lasts for another time',
      [
        session,
        {
          ...session,
          on: 'b',
          as: 'other',
          refusal: 'boundElsewhere',
          waitMs: [1, 9000],
        },
      ],
      /the verdict’s waitMs is \d+ instead of 1 to 9000/,
    ],
    [
      'where a number does not grow',
      [
        { ...session, save: { epoch: 'epoch' } },
        { ...session, on: 'b', result: { epoch: { above: 'epoch' } } },
      ],
      /the verdict’s epoch is 1, not above 1/,
    ],
    [
      'where something is there that was to be absent',
      [{ ...session, result: { ticket: { absent: true } } }],
      /the verdict’s ticket is .* instead of absent/,
    ],
    [
      'where nobody is told that a session has ended',
      [session, { do: 'pushed', on: 'a', error: 'SUPERSEDED' }],
      /nothing came on a/,
    ],
    [
      'where it is told for another reason',
      [
        session,
        { ...session, on: 'b', claim: { ticket: 'kept' } },
        { do: 'pushed', on: 'a', error: 'SUPERSEDED' },
      ],
      /ERROR NO_SESSION came on a instead of SUPERSEDED/,
    ],
    [
      'where a channel of before a loss of power is used',
      [open, { do: 'unplug' }, { do: 'plug' }, ping],
      /no channel has the name a/,
    ],
    [
      'within a repetition, and tells the round',
      [
        {
          do: 'repeat',
          times: 3,
          steps: [
            { do: 'open', on: 'c#' },
            { do: 'silence', ms: 1 },
          ],
        },
        { do: 'repeat', times: 2, steps: [{ do: 'echo', on: 'c#' }] },
      ],
      /step 2\[0\]\.1 \(echo\): c0 has no session/,
    ],
  ])('%s', async (_, steps, failure) => {
    expect(await outcome(...steps)).toMatch(failure);
  });

  test('where a signature is not the key’s', async () => {
    const signed: readonly Step[] = [
      session,
      {
        ...call,
        command: 'generateKey',
        fields: { type: 'rsa2048' },
        save: { key: 'key' },
        withinMs: 9000,
      },
      {
        ...call,
        command: 'rsaPublicKey',
        fields: { key: { saved: 'key' } },
        save: { modulus: 'n', exponent: 'e' },
      },
      {
        ...call,
        command: 'rsaSign',
        fields: { key: { saved: 'key' }, scheme: 'pss', hash: 'sha256', message: { bytes: 9 } },
        save: { signature: 's' },
      },
    ];
    const verify = {
      do: 'verify',
      modulus: 'n',
      exponent: 'e',
      scheme: 'pss',
      signature: 's',
    } as const;
    const good: Step = { ...verify, hash: 'sha256', message: { bytes: 9 } };
    expect(await outcome(...signed, good)).toBeUndefined();
    expect(await outcome(...signed, { ...good, message: { bytes: 8 } })).toMatch(/signature/);
    expect(await outcome(...signed, { ...good, hash: 'sha384' })).toMatch(/signature/);
    expect(await outcome(...signed, { ...good, scheme: 'pkcs1' })).toMatch(/signature/);
  });
});

test('a case about USB is not applicable without a way to the USB port', async () => {
  const { usb: _, ...target } = await virtualTarget('runner');
  const steps: readonly Step[] = [{ do: 'control', setup: nothing }];
  const about = { name: 'case', clause: 'usb/requests', title: '' } as const;
  const inner: readonly Step[] = [{ do: 'repeat', times: 1, steps }];
  for (const each of [
    { ...about, steps },
    { ...about, steps: inner },
  ]) {
    expect(await runCase(target, 'hid', each)).toEqual({
      ...{ name: 'case', clause: 'usb/requests', face: 'hid', outcome: 'not applicable' },
    });
  }
});

test('a case about power is not applicable without a way to the power', async () => {
  const { power: _, ...target } = await virtualTarget('runner');
  const steps: readonly Step[] = [{ do: 'repeat', times: 1, steps: [{ do: 'unplug' }] }];
  const each = { name: 'case', clause: 'binding/lease', title: '', steps } as const;
  expect((await runCase(target, 'hid', each)).outcome).toBe('not applicable');
});

test('a device that is not new for a case knows the runtime of the case before', async () => {
  const each = { name: 'case', clause: 'binding/ticket', title: '', steps: [session] } as const;
  const used = await virtualTarget('runner');
  expect((await runCase(used, 'hid', each)).outcome).toBe('passed');
  expect((await runCase(used, 'hid', each)).failure).toMatch(/boundElsewhere/);
  const kept = { ...(await virtualTarget('runner')), runtimes: new Map() };
  for (let i = 0; i < 3; i++) {
    expect((await runCase(kept, 'hid', each)).failure).toBeUndefined();
  }
});

test('a case for another face or speed is not applicable', async () => {
  const target = await virtualTarget('runner', 'full');
  const each = { name: 'case', clause: 'usb/requests', title: '', steps: [open] } as const;
  const outcomeOf = async (limits: Partial<Case>) =>
    (await runCase(target, 'hid', { ...each, ...limits })).outcome;
  expect(await outcomeOf({ faces: ['vendor'] })).toBe('not applicable');
  expect(await outcomeOf({ faces: ['hid'] })).toBe('passed');
  expect(await outcomeOf({ speeds: ['high'] })).toBe('not applicable');
  expect(await outcomeOf({ speeds: ['full'] })).toBe('passed');
});

test('reports what failed, by clauses', () => {
  const report = createReport('a dongle', [
    { name: 'one', clause: 'packets/ping', face: 'hid', outcome: 'passed' },
    {
      ...{ name: 'two', clause: 'packets/ping', face: 'vendor', outcome: 'failed' },
      failure: 'step 1: no',
    },
    { name: 'three', clause: 'usb/halt', face: 'hid', outcome: 'not applicable' },
  ]);
  expect(report).toMatchObject({ ok: false, passed: 1, failed: 1, notApplicable: 1 });
  const text = formatReport(report);
  expect(text).toContain('two on vendor: step 1: no');
  expect(text).toMatch(/usb\/halt +not applicable/);
  expect(text).toContain('1 passed, 1 failed, 1 not applicable');
});

test('a report in which nothing has passed is not ok', () => {
  expect(createReport('a dongle', []).ok).toBe(false);
  const skipped = {
    name: 'one',
    clause: 'usb/halt',
    face: 'hid',
    outcome: 'not applicable',
  } as const;
  expect(createReport('a dongle', [skipped]).ok).toBe(false);
});
