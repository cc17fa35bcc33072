import { describe, expect, test } from 'vitest';
import { cutIntoPackets } from '../../../src/conformance/raw-host.ts';
import type { UsbController } from '../../../src/emulator/board/usb-controller.ts';
import { answerLimit } from '../../../src/emulator/firmware/limits.ts';
import { plugDongle } from '../../support/rig.ts';
import { bringTo, configure, drain, setup, usbStates } from './usb-host.ts';

/** What the device does: sends these bytes, agrees without data, or refuses. */
type Outcome = readonly number[] | 'ack' | 'stall';

interface Row {
  readonly name: string;
  readonly type: number;
  readonly request: number;
  readonly value: number;
  readonly index: number;
  readonly length: number;
  /** In the default and in the address state. */
  readonly before: Outcome;
  readonly configured: Outcome;
  /** Values of one field that make the request a wrong one in every state. */
  readonly bad?: { readonly [Field in 'value' | 'index' | 'length']?: readonly number[] };
}

const endpoints = [0x01, 0x81, 0x02, 0x82];
const notEndpoints = [0x03, 0x83, 0x0f, 0x8f, 0x11, 0x91, 0x0101, 0x0181, 0x8000];
const notInterfaces = [2, 3, 0x80, 0xff, 0x0100, 0x0101];
const zeros = new Array<number>(64).fill(0);

const rows: readonly Row[] = [
  {
    name: 'GET_STATUS of the device',
    ...{ type: 0x80, request: 0, value: 0, index: 0, length: 2 },
    ...{ before: [0, 0], configured: [0, 0] },
    bad: { value: [1, 0x0100], index: [1, 0x80, 0x0100], length: [0, 1, 3, 0xffff] },
  },
  ...[0, 1].map((index) => ({
    name: `GET_STATUS of interface ${index}`,
    ...{ type: 0x81, request: 0, value: 0, index, length: 2 },
    ...{ before: 'stall' as const, configured: [0, 0] },
    bad: { value: [1, 0x0100], index: notInterfaces, length: [0, 1, 3] },
  })),
  ...[0x00, 0x80].map((index) => ({
    name: `GET_STATUS of endpoint 0 as ${index}`,
    ...{ type: 0x82, request: 0, value: 0, index, length: 2 },
    ...{ before: [0, 0], configured: [0, 0] },
    bad: { value: [1], index: notEndpoints, length: [0, 1, 3] },
  })),
  ...endpoints.map((index) => ({
    name: `GET_STATUS of endpoint ${index}`,
    ...{ type: 0x82, request: 0, value: 0, index, length: 2 },
    ...{ before: 'stall' as const, configured: [0, 0] },
    bad: { value: [1, 0x0100], length: [0, 1, 3] },
  })),
  {
    name: 'CLEAR_FEATURE(ENDPOINT_HALT) of endpoint 0',
    ...{ type: 0x02, request: 1, value: 0, index: 0, length: 0 },
    ...{ before: 'ack', configured: 'ack' },
    bad: { value: [1, 2, 0x0100], index: notEndpoints, length: [1] },
  },
  ...endpoints.map((index) => ({
    name: `CLEAR_FEATURE(ENDPOINT_HALT) of endpoint ${index}`,
    ...{ type: 0x02, request: 1, value: 0, index, length: 0 },
    ...{ before: 'stall' as const, configured: 'ack' as const },
    bad: { value: [1, 2, 0x0100], length: [1, 8] },
  })),
  {
    name: 'SET_FEATURE(ENDPOINT_HALT) of endpoint 0',
    ...{ type: 0x02, request: 3, value: 0, index: 0, length: 0 },
    ...{ before: 'stall', configured: 'stall' },
  },
  ...endpoints.map((index) => ({
    name: `SET_FEATURE(ENDPOINT_HALT) of endpoint ${index}`,
    ...{ type: 0x02, request: 3, value: 0, index, length: 0 },
    ...{ before: 'stall' as const, configured: 'ack' as const },
    bad: { value: [1, 2, 0x0100], index: notEndpoints, length: [1, 8] },
  })),
  ...[1, 3].flatMap((request) => [
    {
      name: `request ${request} of DEVICE_REMOTE_WAKEUP`,
      ...{ type: 0x00, request, value: 1, index: 0, length: 0 },
      ...{ before: 'stall' as const, configured: 'stall' as const },
    },
    {
      name: `request ${request} of a feature of an interface`,
      ...{ type: 0x01, request, value: 0, index: 0, length: 0 },
      ...{ before: 'stall' as const, configured: 'stall' as const },
    },
  ]),
  {
    name: 'CLEAR_FEATURE(TEST_MODE)',
    ...{ type: 0x00, request: 1, value: 2, index: 0, length: 0 },
    ...{ before: 'stall', configured: 'stall' },
  },
  ...[0, 1, 127].map((value) => ({
    name: `SET_ADDRESS(${value})`,
    ...{ type: 0x00, request: 5, value, index: 0, length: 0 },
    ...{ before: 'ack' as const, configured: 'stall' as const },
    bad: { value: [128, 0x0100, 0xffff], index: [1, 0x0100], length: [1] },
  })),
  {
    name: 'GET_DESCRIPTOR of the languages',
    ...{ type: 0x80, request: 6, value: 0x0300, index: 0, length: 255 },
    ...{ before: [4, 3, 9, 4], configured: [4, 3, 9, 4] },
    // Types that there are not: interface, endpoint, interface power, OTG, debug, HID, report.
    bad: { value: [0x0400, 0x0500, 0x0800, 0x0900, 0x0a00, 0x2100, 0x2200, 0x0000, 0xff00] },
  },
  ...[1, 2, 6, 7, 15].map((type) => ({
    name: `GET_DESCRIPTOR of type ${type}, no bytes of it`,
    ...{ type: 0x80, request: 6, value: type << 8, index: 0, length: 0 },
    ...{ before: 'ack' as const, configured: 'ack' as const },
    bad: { value: [(type << 8) + 1, (type << 8) + 255], index: [1, 0x0409] },
  })),
  {
    name: 'SET_DESCRIPTOR',
    ...{ type: 0x00, request: 7, value: 0x0100, index: 0, length: 18 },
    ...{ before: 'stall', configured: 'stall' },
  },
  {
    name: 'GET_CONFIGURATION',
    ...{ type: 0x80, request: 8, value: 0, index: 0, length: 1 },
    ...{ before: [0], configured: [1] },
    bad: { value: [1, 0x0100], index: [1, 0x0100], length: [0, 2] },
  },
  ...[0, 1].map((value) => ({
    name: `SET_CONFIGURATION(${value})`,
    ...{ type: 0x00, request: 9, value, index: 0, length: 0 },
    ...{ before: 'ack' as const, configured: 'ack' as const },
    bad: { value: [2, 255, 0x0100, 0x0101], index: [1, 0x0100], length: [1] },
  })),
  ...[0, 1].map((index) => ({
    name: `GET_INTERFACE(${index})`,
    ...{ type: 0x81, request: 10, value: 0, index, length: 1 },
    ...{ before: 'stall' as const, configured: [0] },
    bad: { value: [1, 0x0100], index: notInterfaces, length: [0, 2] },
  })),
  ...[0, 1].map((index) => ({
    name: `SET_INTERFACE(${index})`,
    ...{ type: 0x01, request: 11, value: 0, index, length: 0 },
    ...{ before: 'stall' as const, configured: 'ack' as const },
    bad: { value: [1, 0x0100], index: notInterfaces, length: [1] },
  })),
  {
    name: 'SYNCH_FRAME',
    ...{ type: 0x82, request: 12, value: 0, index: 0x81, length: 2 },
    ...{ before: 'stall', configured: 'stall' },
  },
  {
    name: 'GET_DESCRIPTOR of the reports, no bytes of it',
    ...{ type: 0x81, request: 6, value: 0x2200, index: 0, length: 0 },
    ...{ before: 'stall', configured: 'ack' },
    bad: { value: [0x2101, 0x2201, 0x2300, 0x0100], index: [1, 2, 0x0100] },
  },
  {
    name: 'GET_REPORT',
    ...{ type: 0xa1, request: 1, value: 0x0100, index: 0, length: 64 },
    ...{ before: 'stall', configured: zeros },
    bad: { value: [0x0101, 0x0200, 0x0300, 0x0000], index: [1, 2, 0x0100] },
  },
  {
    name: 'SET_REPORT',
    ...{ type: 0x21, request: 9, value: 0x0200, index: 0, length: 64 },
    ...{ before: 'stall', configured: 'ack' },
    bad: { value: [0x0201, 0x0100, 0x0300], index: [1, 0x0100], length: [0, 63, 65, 512] },
  },
  {
    name: 'GET_IDLE',
    ...{ type: 0xa1, request: 2, value: 0, index: 0, length: 1 },
    ...{ before: 'stall', configured: [0] },
    bad: { value: [1, 0x0100], index: [1], length: [0, 2] },
  },
  {
    name: 'SET_IDLE',
    ...{ type: 0x21, request: 10, value: 0, index: 0, length: 0 },
    ...{ before: 'stall', configured: 'ack' },
    bad: { value: [1, 0x0400], index: [1], length: [1] },
  },
  {
    name: 'GET_PROTOCOL',
    ...{ type: 0xa1, request: 3, value: 0, index: 0, length: 1 },
    ...{ before: 'stall', configured: 'stall' },
  },
  {
    name: 'SET_PROTOCOL',
    ...{ type: 0x21, request: 11, value: 1, index: 0, length: 0 },
    ...{ before: 'stall', configured: 'stall' },
  },
  {
    name: 'the Microsoft OS 2.0 descriptor set, no bytes of it',
    ...{ type: 0xc0, request: 2, value: 0, index: 7, length: 0 },
    ...{ before: 'ack', configured: 'ack' },
    bad: { value: [1, 0x0100], index: [0, 4, 5, 6, 8, 0x0107] },
  },
];

type Fields = Pick<Row, 'type' | 'request' | 'value' | 'index' | 'length'>;

function perform(usb: UsbController, { type, request, value, index, length }: Fields): Outcome {
  const data = new Uint8Array(type < 0x80 ? length : 0);
  const answer = usb.control(setup(type, request, value, index, length), data);
  if (answer === undefined) return 'stall';
  return answer.length === 0 ? 'ack' : [...answer];
}

describe.each(usbStates)('in the %s state', (state) => {
  test.each(rows)('$name', async (row) => {
    const { usb } = (await plugDongle()).dongle.board;
    bringTo(usb, state);
    expect(perform(usb, row)).toEqual(state === 'configured' ? row.configured : row.before);
    for (const [field, values] of Object.entries(row.bad ?? {})) {
      for (const value of values) {
        bringTo(usb, state);
        const wrong = { ...row, [field]: value };
        expect(perform(usb, wrong), `${field} ${value}`).toBe('stall');
      }
    }
  });
});

test('every other request is refused', async () => {
  const { usb } = (await plugDongle()).dongle.board;
  const known = new Set(
    rows
      .filter(({ before, configured }) => before !== 'stall' || configured !== 'stall')
      .map(({ type, request }) => `${type} ${request}`),
  );
  // TEST_MODE, which has a test of its own.
  known.add('0 3');
  for (let type = 0; type < 256; type++) {
    for (let request = 0; request < 256; request++) {
      if (known.has(`${type} ${request}`)) continue;
      for (const length of [0, 2]) {
        const outcome = perform(usb, { type, request, value: 0, index: 0, length });
        if (outcome !== 'stall') expect.fail(`type ${type}, request ${request}: ${outcome}`);
      }
    }
  }
});

test('a transfer whose parts do not agree is refused', async () => {
  const { usb } = (await plugDongle()).dongle.board;
  const good = setup(0x80, 0, 0, 0, 2);
  expect(usb.control(good)).toBeDefined();
  for (const length of [0, 1, 7, 9, 64]) {
    const other = new Uint8Array(length);
    other.set(good.subarray(0, length));
    expect(usb.control(other), `setup of ${length}`).toBeUndefined();
  }
  expect(usb.control(good, new Uint8Array(2))).toBeUndefined();
  const report = setup(0x21, 9, 0x0200, 0, 64);
  for (const length of [0, 63, 65]) {
    expect(usb.control(report, new Uint8Array(length)), `data of ${length}`).toBeUndefined();
  }
});

describe('TEST_MODE', () => {
  const testMode = (index: number) => setup(0x00, 3, 2, index, 0);

  test.each([0x0000, 0x0001, 0x0500, 0x0600, 0x4000, 0xc000, 0xff00, 0x0101])(
    'selector %i is refused, and nothing changes',
    async (index) => {
      const { usb } = (await plugDongle()).dongle.board;
      expect(usb.control(testMode(index))).toBeUndefined();
      expect(usb.control(setup(0x80, 8, 0, 0, 1))).toEqual(Uint8Array.of(1));
    },
  );

  test('is refused at full speed', async () => {
    const { usb } = (await plugDongle({ speed: 'full' })).dongle.board;
    expect(usb.control(testMode(0x0100))).toBeUndefined();
    expect(usb.control(setup(0x80, 8, 0, 0, 1))).toEqual(Uint8Array.of(1));
  });

  test.each(usbStates.flatMap((state) => [1, 2, 3, 4].map((selector) => ({ state, selector }))))(
    'selector $selector in the $state state lasts until the power is cut',
    async ({ state, selector }) => {
      const { dongle, port } = await plugDongle();
      const { usb } = dongle.board;
      bringTo(usb, state);
      expect(usb.control(testMode(selector << 8))).toEqual(new Uint8Array(0));
      usb.reset('high');
      expect(usb.control(setup(0x80, 0, 0, 0, 2))).toBeUndefined();
      expect(usb.control(setup(0x00, 9, 1, 0, 0))).toBeUndefined();
      expect(usb.outEndpoint(0x01)?.offer(new Uint8Array(64), 0, 64)).toBe('nak');
      port.unplug();
      await port.plug();
      expect(usb.control(setup(0x80, 8, 0, 0, 1))).toEqual(Uint8Array.of(1));
    },
  );
});

test('SET_REPORT is a packet, and refused while the dongle can take none', async () => {
  const { usb } = (await plugDongle()).dongle.board;
  const report = setup(0x21, 9, 0x0200, 0, 64);
  const [init] = cutIntoPackets(64, 0xffffffff, 0x06, Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8));
  expect(usb.control(report, init!)).toEqual(new Uint8Array(0));
  const [answer, ...others] = drain(usb.inEndpoint(0x81));
  expect(others).toEqual([]);
  expect([...answer!.subarray(4, 15)]).toEqual([0x86, 0, 17, 1, 2, 3, 4, 5, 6, 7, 8]);

  let taken = 0;
  while (taken < 1_000 && usb.control(report, init!) !== undefined) taken++;
  expect(taken).toBe(answerLimit + 1);
  drain(usb.inEndpoint(0x81));
  expect(usb.control(report, init!)).toEqual(new Uint8Array(0));
});

test('GET_CONFIGURATION follows SET_CONFIGURATION and the bus reset', async () => {
  const { usb } = (await plugDongle()).dongle.board;
  const configuration = () => usb.control(setup(0x80, 8, 0, 0, 1))![0];
  bringTo(usb, 'default');
  expect(configuration()).toBe(0);
  configure(usb, 1);
  expect(configuration()).toBe(1);
  usb.control(setup(0x00, 9, 2, 0, 0));
  expect(configuration()).toBe(1);
  configure(usb, 0);
  expect(configuration()).toBe(0);
  configure(usb, 1);
  usb.reset('high');
  expect(configuration()).toBe(0);
});
