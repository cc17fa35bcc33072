import { expect, test } from 'vitest';
import { toHex } from '../../../src/bytes.ts';
import type { InEndpoint, OutEndpoint } from '../../../src/emulator/board/endpoints.ts';
import { UsbController } from '../../../src/emulator/board/usb-controller.ts';
import { HostController } from '../../../src/emulator/ports/usbip/host-controller.ts';
import type { SubmitRequest } from '../../../src/protocol/usbip/index.ts';

// What reaches the endpoints packet by packet, which a dongle's firmware does not tell.

const packetBytes = 64;

function rig() {
  const usb = new UsbController();
  const out = usb.outEndpoint(0x02) as OutEndpoint;
  const into = usb.inEndpoint(0x82) as InEndpoint;
  out.enable(packetBytes);
  into.enable(packetBytes);
  const state = { taking: true, ready: true };
  const packets: number[] = [];
  const setups: string[] = [];
  out.listen((_bytes, _offset, byteCount) => {
    if (state.taking) packets.push(byteCount);
    return state.taking;
  });
  usb.listen({
    reset: (speed) => setups.push(speed),
    control: (setup) => {
      setups.push(toHex(setup));
      return new Uint8Array(0);
    },
  });
  const replies: { command: number; sequence: number; status: number; byteCount: number }[] = [];
  const controller = new HostController(usb, 'full', 5, {
    isReady: () => state.ready,
    send: (reply) => {
      const at = new DataView(reply.buffer);
      replies.push({
        command: at.getUint32(0),
        sequence: at.getUint32(4),
        status: at.getInt32(20),
        byteCount: at.getUint32(24),
      });
    },
  });
  let sequence = 0;
  const submit = (request: Partial<SubmitRequest>): number => {
    sequence++;
    controller.submit({
      kind: 'submit',
      sequence,
      deviceId: 0,
      direction: 'out',
      endpoint: 2,
      transferFlags: 0,
      byteCount: request.data?.length ?? 0,
      startFrame: 0,
      packetCount: 0,
      setup: new Uint8Array(8),
      data: new Uint8Array(0),
      ...request,
    });
    return sequence;
  };
  const unlink = (unlinkSequence: number) =>
    controller.unlink({ kind: 'unlink', sequence: 999, deviceId: 0, unlinkSequence });
  return { usb, out, into, state, packets, setups, replies, controller, submit, unlink };
}

test('plugging in resets the bus and gives the address that kernels keep to themselves', () => {
  expect(rig().setups).toEqual(['full', '0005050000000000']);
});

test.each([
  [0, 0, [0]],
  [0, 0x40, [0]],
  [1, 0, [1]],
  [63, 0x40, [63]],
  [64, 0, [64]],
  [64, 0x40, [64, 0]],
  [65, 0x40, [64, 1]],
  [128, 0, [64, 64]],
  [128, 0x40, [64, 64, 0]],
])('%i bytes out with flags %i are packets of %j', (length, transferFlags, expected) => {
  const { submit, packets, replies } = rig();
  const sequence = submit({ data: new Uint8Array(length), transferFlags });
  expect(packets).toEqual(expected);
  expect(replies).toEqual([{ command: 3, sequence, status: 0, byteCount: length }]);
});

test('NAK holds up its endpoint alone, in order, until the firmware is ready', () => {
  const { submit, packets, replies, state, out, into } = rig();
  state.taking = false;
  const first = submit({ data: new Uint8Array(100) });
  const second = submit({ data: new Uint8Array(10) });
  const third = submit({ direction: 'in', byteCount: 64 });
  into.submit({ bytes: new Uint8Array(64), byteCount: 64, ends: false, done: () => {} });
  expect(replies.map(({ sequence }) => sequence)).toEqual([third]);
  state.taking = true;
  out.ready();
  expect(packets).toEqual([64, 36, 10]);
  expect(replies.map(({ sequence }) => sequence)).toEqual([third, first, second]);
});

test('a transfer out is unlinked from wherever it waits, and the next goes on', () => {
  const { submit, unlink, packets, replies, state, out } = rig();
  state.taking = false;
  const first = submit({ data: new Uint8Array(100) });
  const second = submit({ data: new Uint8Array(20) });
  const third = submit({ data: new Uint8Array(30) });
  unlink(second);
  unlink(first);
  state.taking = true;
  out.ready();
  expect(packets).toEqual([30]);
  expect(replies).toEqual([
    { command: 4, sequence: 999, status: -104, byteCount: 0 },
    { command: 4, sequence: 999, status: -104, byteCount: 0 },
    { command: 3, sequence: third, status: 0, byteCount: 30 },
  ]);
});

test('a stall in the middle tells how far it came', () => {
  const { submit, replies, packets, out, state } = rig();
  out.listen((_bytes, _offset, byteCount) => {
    packets.push(byteCount);
    if (packets.length === 2) out.halt(true);
    return true;
  });
  const sequence = submit({ data: new Uint8Array(1000) });
  expect(replies).toEqual([{ command: 3, sequence, status: -32, byteCount: 128 }]);
  expect(state.taking).toBe(true);
});

test('a transfer in gathers packets until it is full or a short one comes', () => {
  const { submit, replies, into } = rig();
  const send = (byteCount: number, ends: boolean) =>
    into.submit({ bytes: new Uint8Array(byteCount), byteCount, ends, done: () => {} });
  submit({ direction: 'in', byteCount: 192 });
  send(64, false);
  send(64, false);
  expect(replies).toEqual([]);
  send(10, true);
  submit({ direction: 'in', byteCount: 128 });
  send(64, false);
  send(64, false);
  expect(replies.map(({ status, byteCount }) => [status, byteCount])).toEqual([
    [0, 138],
    [0, 128],
  ]);
});

test('8 MiB wait at most, and what was refused is not counted', () => {
  const { submit, unlink, replies, state } = rig();
  state.taking = false;
  const data = new Uint8Array(0x100000);
  const waiting = Array.from({ length: 8 }, () => submit({ data }));
  for (let i = 0; i < 3; i++) submit({ data: data.subarray(0, 1) });
  expect(replies.map(({ status }) => status)).toEqual([-12, -12, -12]);
  unlink(waiting[3] as number);
  submit({ data });
  expect(replies).toHaveLength(4);
  submit({ data });
  expect(replies.at(-1)).toMatchObject({ command: 3, status: -12 });
});

test('nothing is read from the device while replies pile up', () => {
  const { submit, replies, state, into, controller } = rig();
  state.ready = false;
  submit({ direction: 'in', byteCount: 64 });
  into.submit({ bytes: new Uint8Array(64), byteCount: 64, ends: false, done: () => {} });
  expect(into.busy).toBe(true);
  state.ready = true;
  controller.resume();
  expect(replies).toHaveLength(1);
});

test('after it is pulled out, a device that wakes finds nobody', () => {
  const { submit, replies, packets, state, out, into, controller } = rig();
  state.taking = false;
  submit({ data: new Uint8Array(64) });
  submit({ direction: 'in', byteCount: 64 });
  controller.close();
  state.taking = true;
  out.ready();
  into.submit({ bytes: new Uint8Array(64), byteCount: 64, ends: false, done: () => {} });
  expect(replies).toEqual([]);
  expect(packets).toEqual([]);
  expect(into.busy).toBe(true);
});

test('pulled out in the middle of a transfer, nothing is answered', () => {
  const { submit, replies, out, controller } = rig();
  out.listen(() => {
    controller.close();
    return true;
  });
  submit({ data: new Uint8Array(10) });
  submit({ data: new Uint8Array(10) });
  expect(replies).toEqual([]);
});

test('an endpoint is asked only once to tell when it is ready', () => {
  const { submit, out, state } = rig();
  let asked = 0;
  const whenReady = out.whenReady.bind(out);
  out.whenReady = (retry) => {
    asked++;
    whenReady(retry);
  };
  state.taking = false;
  for (let i = 0; i < 5; i++) submit({ data: new Uint8Array(10) });
  expect(asked).toBe(1);
  out.ready();
  expect(asked).toBe(2);
});
