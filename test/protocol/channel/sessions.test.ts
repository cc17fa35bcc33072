import { expect, test } from 'vitest';
import { equalBytes, utf8 } from '../../../src/bytes.ts';
import {
  type DeviceSession,
  type HostSession,
  type RecordStep,
  recordMemory,
  recordsPerKey,
  type SealedRecord,
} from '../../../src/protocol/channel/index.ts';
import { recordCommand } from '../../../src/protocol/packets/index.ts';
import { sessionPair } from '../../support/channel.ts';

const hello = utf8('hello');

function receive(device: DeviceSession, { counter, record }: SealedRecord): RecordStep {
  return device.receive(recordCommand(counter), record);
}

/** One request and its reply, both ends; without `expect`, which is slow, as some tests need many. */
function exchange(host: HostSession, device: DeviceSession): void {
  const step = receive(device, host.seal(hello));
  if (step.kind !== 'request') throw new Error(`the request was ${step.kind}`);
  const reply = host.open(device.reply(step.plaintext).record);
  if (reply === undefined || !equalBytes(reply, hello)) throw new Error('the reply is another');
}

test('the reply to request n is record n + 1, and the verdict is record 0', async () => {
  const { host, device } = await sessionPair();
  const request = host.seal(hello);
  receive(device, request);
  expect(request.counter).toBe(0);
  expect(device.reply(hello).counter).toBe(1);
});

test('a record repeated byte for byte gets the same reply and is not a request again', async () => {
  const { host, device } = await sessionPair();
  exchange(host, device);
  const request = host.seal(hello);
  receive(device, request);
  expect(receive(device, request)).toEqual({ kind: 'pending' });
  const reply = device.reply(utf8('once'));
  expect(receive(device, request)).toEqual({ kind: 'repeat', reply });
  expect(receive(device, request)).toEqual({ kind: 'repeat', reply });
});

test('another valid record under the used counter is a fork', async () => {
  const { host, device, again } = await sessionPair();
  exchange(host, device);
  expect(receive(device, again.seal(utf8('clone')))).toEqual({ kind: 'forked' });
});

test('another valid record under the used counter is a fork even before the reply', async () => {
  const { host, device, again } = await sessionPair();
  receive(device, host.seal(hello));
  expect(receive(device, again.seal(utf8('clone')))).toEqual({ kind: 'forked' });
});

test('a new request before the reply to the last one changes nothing', async () => {
  const { host, device } = await sessionPair();
  receive(device, host.seal(hello));
  const early = host.seal(utf8('early'));
  expect(receive(device, early)).toEqual({ kind: 'busy' });
  device.reply(hello);
  expect(receive(device, early)).toMatchObject({ kind: 'request' });
});

test('an old record replayed is refused and changes nothing', async () => {
  const { host, device } = await sessionPair();
  const { counter, record } = host.seal(hello);
  const old = { counter, record: record.slice() };
  receive(device, old);
  device.reply(hello);
  for (let i = 0; i < 40; i++) {
    exchange(host, device);
    expect(receive(device, old)).toEqual({ kind: 'refused' });
  }
});

test('every single-byte alteration of a record is refused alike, and the record itself is taken', async () => {
  const { host, device } = await sessionPair();
  exchange(host, device);
  const { counter, record } = host.seal(utf8('0123456789'));
  for (let at = 0; at < record.length; at++) {
    for (const mask of [0x01, 0x80, 0xff]) {
      const altered = record.slice();
      altered[at] = (altered[at] as number) ^ mask;
      expect(receive(device, { counter, record: altered })).toEqual({ kind: 'refused' });
    }
  }
  for (let bits = 0; bits < 32; bits++) {
    if (bits === counter % 32) continue;
    expect(device.receive(0x60 + bits, record)).toEqual({ kind: 'refused' });
  }
  expect(receive(device, { counter, record })).toMatchObject({ kind: 'request' });
});

test('every single-byte alteration of a reply is refused, and the reply itself is taken', async () => {
  const { host, device } = await sessionPair();
  receive(device, host.seal(hello));
  const { record } = device.reply(utf8('0123456789'));
  for (let at = 0; at < record.length; at++) {
    for (const mask of [0x01, 0x80, 0xff]) {
      const altered = record.slice();
      altered[at] = (altered[at] as number) ^ mask;
      expect(host.open(altered)).toBeUndefined();
    }
  }
  for (let length = 0; length < record.length; length++) {
    expect(host.open(record.subarray(0, length))).toBeUndefined();
  }
  expect(host.open(record)).toEqual(utf8('0123456789'));
});

test('the reply to an earlier request is not taken for that of a later one', async () => {
  const { host, device } = await sessionPair();
  receive(device, host.seal(hello));
  const { record } = device.reply(hello);
  host.open(record);
  host.seal(hello);
  expect(host.open(record)).toBeUndefined();
});

test('any number of refused records ends nothing', async () => {
  const { host, device } = await sessionPair();
  const junk = new Uint8Array(40);
  for (let i = 0; i < 3000; i++) {
    expect(device.receive(0x60 + (i % 32), junk)).toEqual({ kind: 'refused' });
  }
  exchange(host, device);
});

test.each([1, 2, 30, recordMemory])('another valid record %i back is a fork', async (back) => {
  const { host, device, again } = await sessionPair();
  for (let i = 0; i < 50; i++) exchange(host, device);
  for (let i = 0; i < 50 - back; i++) again.seal(hello);
  expect(receive(device, again.seal(utf8('clone')))).toEqual({ kind: 'forked' });
});

test('what lies further back than the memory of records is refused', async () => {
  const { host, device, again } = await sessionPair();
  for (let i = 0; i < 50; i++) exchange(host, device);
  for (let i = 0; i < 50 - recordMemory - 1; i++) again.seal(hello);
  expect(receive(device, again.seal(utf8('clone')))).toEqual({ kind: 'refused' });
});

test('before there are so many records, the counters of none of them are refused', async () => {
  const { host, device } = await sessionPair();
  exchange(host, device);
  const { record } = host.seal(hello);
  for (let bits = 2; bits < 32; bits++) {
    expect(device.receive(0x60 + bits, record)).toEqual({ kind: 'refused' });
  }
});

test('both directions change their key after 65,536 records, altered ones in between change nothing', async () => {
  const { host, device, again } = await sessionPair();
  for (let i = 0; i < recordsPerKey; i++) exchange(host, device);
  for (let i = 0; i < recordsPerKey - 1; i++) again.seal(hello);
  const clone = again.seal(utf8('clone'));
  const request = host.seal(hello);
  expect(request.counter).toBe(recordsPerKey);
  const altered = request.record.map((byte, at) => (at === 0 ? byte ^ 1 : byte));
  expect(receive(device, { ...request, record: altered })).toEqual({ kind: 'refused' });
  // Still under the old key, as nothing has changed.
  expect(receive(device, clone)).toEqual({ kind: 'forked' });
  expect(receive(device, request)).toMatchObject({ kind: 'request' });
  expect(host.open(device.reply(hello).record)).toEqual(hello);
  // As far back as forks are noticed at all, the key before is known.
  for (let i = 1; i < recordMemory - 1; i++) exchange(host, device);
  expect(receive(device, clone)).toEqual({ kind: 'forked' });
  exchange(host, device);
  expect(receive(device, clone)).toEqual({ kind: 'refused' });
});
