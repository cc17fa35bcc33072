import { describe, expect, test } from 'vitest';
import type { UsbController } from '../../../src/emulator/board/usb-controller.ts';
import { plugDongle } from '../../support/rig.ts';
import {
  parseBos,
  parseConfiguration,
  parseMsOs,
  parseReports,
  parseString,
  splitDescriptors,
} from './descriptor-parser.ts';
import { bringTo, readDescriptor, setup } from './usb-host.ts';

const speeds = ['full', 'high'] as const;
const english = 0x0409;

async function usbOf(serial = 'LK-TEST'): Promise<UsbController> {
  return (await plugDongle({ serial })).dongle.board.usb;
}

describe.each(speeds)('at %s speed', (speed) => {
  const bulkBytes = { full: 64, high: 512 };
  const otherSpeed = speed === 'full' ? 'high' : 'full';
  const functions = (at: 'full' | 'high') => [
    {
      number: 0,
      alternate: 0,
      codes: [3, 0, 0],
      name: 0,
      classDescriptors: [expect.objectContaining({ type: 0x21 })],
      endpoints: [
        { address: 0x81, attributes: 3, packetBytes: 64, interval: 1 },
        { address: 0x01, attributes: 3, packetBytes: 64, interval: 1 },
      ],
    },
    {
      number: 1,
      alternate: 0,
      codes: [0xff, 0x4c, 1],
      name: 0,
      classDescriptors: [],
      endpoints: [
        { address: 0x82, attributes: 2, packetBytes: bulkBytes[at], interval: 0 },
        { address: 0x02, attributes: 2, packetBytes: bulkBytes[at], interval: 0 },
      ],
    },
  ];
  const configuration = (at: 'full' | 'high', type: number) => ({
    type,
    value: 1,
    name: 0,
    attributes: 0x80,
    maxPowerMilliamperes: 100,
    interfaces: functions(at),
  });

  test('the device descriptor says who it is', async () => {
    const usb = await usbOf();
    bringTo(usb, 'default', speed);
    expect([...readDescriptor(usb, 1)!]).toEqual([
      ...[18, 1, 0x10, 0x02, 0, 0, 0, 64],
      ...[0x09, 0x12, 0x01, 0x00, 0x10, 0x00, 1, 2, 3, 1],
    ]);
  });

  test('the configuration has both functions', async () => {
    const usb = await usbOf();
    bringTo(usb, 'address', speed);
    expect(parseConfiguration(readDescriptor(usb, 2)!)).toEqual(configuration(speed, 2));
  });

  test('the other speed is described as well', async () => {
    const usb = await usbOf();
    bringTo(usb, 'address', speed);
    expect([...readDescriptor(usb, 6)!]).toEqual([10, 6, 0x10, 0x02, 0, 0, 0, 64, 1, 0]);
    expect(parseConfiguration(readDescriptor(usb, 7)!)).toEqual(configuration(otherSpeed, 7));
  });
});

test.each(['LK-1', ' ', '~!"#$%&\'()*+,-./:;<=>?@[]^_`{|}', 'x'.repeat(32)])(
  'the serial %j is the third string',
  async (serial) => {
    const usb = await usbOf(serial);
    const strings = [1, 2, 3].map((i) => parseString(readDescriptor(usb, 3, i, english)!));
    expect(strings).toEqual(['latchkey', 'latchkey dongle', serial]);
  },
);

test('there is one language and no string beyond', async () => {
  const usb = await usbOf();
  expect([...readDescriptor(usb, 3, 0)!]).toEqual([4, 3, 0x09, 0x04]);
  for (const [number, language] of [
    [1, 0],
    [1, 0x0407],
    [4, english],
    [0xee, english],
    [0xee, 0],
    [255, english],
  ] as const) {
    expect(readDescriptor(usb, 3, number, language), `${number} in ${language}`).toBeUndefined();
  }
});

test('the reports are 64 bytes each way on a vendor page, without ids', async () => {
  const usb = await usbOf();
  const hid = usb.control(setup(0x81, 6, 0x2100, 0, 0xffff))!;
  const report = usb.control(setup(0x81, 6, 0x2200, 0, 0xffff))!;
  expect([...hid]).toEqual([9, 0x21, 0x11, 0x01, 0, 1, 0x22, report.length, 0]);
  const inConfiguration = parseConfiguration(readDescriptor(usb, 2)!).interfaces[0]!;
  const { view } = inConfiguration.classDescriptors[0]!;
  expect(new Uint8Array(view.buffer, view.byteOffset, view.byteLength)).toEqual(hid);
  expect(parseReports(report)).toEqual({
    logicalRange: [0, 255],
    hasReportIds: false,
    main: [
      { kind: 'collection', flags: 1, usages: [1], page: 0xff00, bits: 0 },
      { kind: 'input', flags: 2, usages: [0x20], page: 0xff00, bits: 512 },
      { kind: 'output', flags: 2, usages: [0x21], page: 0xff00, bits: 512 },
      { kind: 'end', flags: 0, usages: [], page: 0xff00, bits: 512 },
    ],
  });
});

test('the BOS announces WebUSB without a landing page, and Microsoft OS 2.0', async () => {
  const usb = await usbOf();
  const [webUsb, msOs, ...others] = parseBos(readDescriptor(usb, 15)!);
  expect(others).toEqual([]);
  expect(webUsb!.uuid).toBe('3408b638-09a9-47a0-8bfd-a0768815b665');
  expect(webUsb!.data.byteLength).toBe(4);
  expect(webUsb!.data.getUint16(0, true)).toBe(0x0100);
  expect(webUsb!.data.getUint8(3)).toBe(0);
  // GET_URL of any page.
  const code = webUsb!.data.getUint8(2);
  for (const page of [0, 1, 2]) {
    expect(usb.control(setup(0xc0, code, page, 2, 255))).toBeUndefined();
  }
  expect(msOs!.uuid).toBe('d8dd60df-4589-4cc7-9cd2-659d9e648a9f');
  expect(msOs!.data.byteLength).toBe(8);
  expect(msOs!.data.getUint32(0, true)).toBe(0x06030000);
  expect(msOs!.data.getUint8(7)).toBe(0);
  expect(msOs!.data.getUint8(6)).not.toBe(code);
});

test('Windows finds WinUSB for the vendor interface alone', async () => {
  const usb = await usbOf();
  const { data } = parseBos(readDescriptor(usb, 15)!)[1]!;
  const code = data.getUint8(6);
  const announced = data.getUint16(4, true);
  const set = usb.control(setup(0xc0, code, 0, 7, 0xffff))!;
  expect(set.length).toBe(announced);

  const name = utf16('DeviceInterfaceGUIDs\0');
  const nodes = parseMsOs(set);
  expect(nodes).toEqual([
    {
      type: 0,
      head: [0, 0, 3, 6, announced & 0xff, announced >> 8],
      children: [
        {
          type: 1,
          head: [0, 0, ...le16(announced - 10)],
          children: [
            {
              type: 2,
              head: [1, 0, ...le16(announced - 18)],
              children: [
                {
                  type: 3,
                  head: [...new TextEncoder().encode('WINUSB'), ...new Array(10).fill(0)],
                  children: [],
                },
                { type: 4, head: expect.anything(), children: [] },
              ],
            },
          ],
        },
      ],
    },
  ]);
  const property = nodes[0]!.children[0]!.children[0]!.children[1]!.head;
  expect(property.slice(0, 4 + name.length)).toEqual([7, 0, ...le16(name.length), ...name]);
  const value = property.slice(4 + name.length);
  expect(value.slice(0, 2)).toEqual(le16(value.length - 2));
  const text = new TextDecoder('utf-16le').decode(Uint8Array.from(value.slice(2)));
  expect(text).toMatch(/^\{[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}\}\0\0$/);
});

test('a host gets as much of a descriptor as it asks for, and no more', async () => {
  const usb = await usbOf();
  const requests: [type: number, request: number, value: number, index: number][] = [
    [0x80, 6, 0x0100, 0],
    [0x80, 6, 0x0200, 0],
    [0x80, 6, 0x0300, 0],
    [0x80, 6, 0x0303, english],
    [0x80, 6, 0x0600, 0],
    [0x80, 6, 0x0700, 0],
    [0x80, 6, 0x0f00, 0],
    [0x81, 6, 0x2100, 0],
    [0x81, 6, 0x2200, 0],
    [0xa1, 1, 0x0100, 0],
    [0xc0, 2, 0, 7],
  ];
  for (const fields of requests) {
    const whole = usb.control(setup(...fields, 0xffff))!;
    for (let length = 0; length < whole.length + 3; length++) {
      const read = usb.control(setup(...fields, length))!;
      expect(read).toEqual(whole.slice(0, length));
      // Nothing beyond lies in the same memory, and nobody can change what the next one gets.
      expect(read.buffer.byteLength).toBe(read.length);
      read.fill(0xee);
    }
  }
});

test('every descriptor says its own length', async () => {
  const usb = await usbOf();
  for (const type of [1, 6]) expect(splitDescriptors(readDescriptor(usb, type)!)).toHaveLength(1);
  expect(splitDescriptors(readDescriptor(usb, 2)!).map(({ type }) => type)).toEqual([
    2, 4, 0x21, 5, 5, 4, 5, 5,
  ]);
});

function le16(value: number): number[] {
  return [value & 0xff, value >> 8];
}

function utf16(text: string): number[] {
  return [...text].flatMap((character) => le16(character.charCodeAt(0)));
}
