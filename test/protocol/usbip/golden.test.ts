import { describe, expect, test } from 'vitest';
import { concatBytes, fromHex, toHex, utf8 } from '../../../src/bytes.ts';
import {
  deviceRecord,
  importStatus,
  interfaceRecord,
  submitCommand,
  submitReply,
  unlinkCommand,
  unlinkReply,
} from '../../../src/protocol/usbip/layout.ts';
import {
  encodeImport,
  encodeList,
  encodeSubmitReply,
  encodeUnlinkReply,
} from '../../../src/protocol/usbip/replies.ts';
import { RequestReader } from '../../../src/protocol/usbip/requests.ts';

// The bytes are those of the example in the kernel's Documentation/usb/usbip_protocol.rst, or put
// together by hand from its tables.

const hex = (text: string) => fromHex(text.replaceAll(/\s/g, ''));

const commandIn = hex(`00000001 00000d05 0001000f 00000001 00000001 00000200 00000040 ffffffff
  00000000 00000004 00000000 00000000`);
const reportOut = concatBytes(hex('ffffffff 86 0008 a784ce5ae2123763'), new Uint8Array(49));
const commandOut = concatBytes(
  hex(`00000001 00000d06 0001000f 00000000 00000001 00000000 00000040 ffffffff
    00000000 00000004 00000000 00000000`),
  reportOut,
);
const replyOut = hex(`00000003 00000d06 00000000 00000000 00000000 00000000 00000040 ffffffff
  00000000 00000000 00000000 00000000`);
const reportIn = concatBytes(
  hex('ffffffff 86 0011 a784ce5ae2123763 612891b1 02 01 00 00 04'),
  new Uint8Array(40),
);
const replyIn = concatBytes(
  hex(`00000003 00000d05 00000000 00000000 00000000 00000000 00000040 ffffffff
    00000000 00000000 00000000 00000000`),
  reportIn,
);
const unlink = concatBytes(
  hex('00000002 00000d07 0001000f 00000000 00000000 00000d05'),
  new Uint8Array(24),
);

// The example has 0xffffffff in its start frame, where the tables have it in the packet count.
const submitIn = {
  kind: 'submit',
  sequence: 0xd05,
  deviceId: 0x1000f,
  direction: 'in',
  endpoint: 1,
  transferFlags: 0x200,
  byteCount: 64,
} as const;

describe('requests', () => {
  const list = hex('0111 8005 00000000');
  const busId = concatBytes(utf8('1-2'), new Uint8Array(29));
  const imports = concatBytes(hex('0111 8003 00000000'), busId);

  function readAll(stream: Uint8Array, pieces: readonly number[], imported: boolean) {
    const reader = new RequestReader();
    if (imported) reader.imported();
    const requests = [];
    let at = 0;
    for (const end of [...pieces, stream.length]) {
      reader.push(stream.slice(at, end));
      at = end;
      for (let next = reader.next(); next !== undefined; next = reader.next()) requests.push(next);
    }
    return requests;
  }

  test('a list', () => {
    expect(readAll(list, [], false)).toEqual([{ kind: 'list' }]);
  });

  test('an import', () => {
    expect(readAll(imports, [], false)).toEqual([{ kind: 'import', busId: '1-2' }]);
  });

  test('a bus id that no zero byte closes', () => {
    const stream = concatBytes(imports.subarray(0, 8), utf8('1'.repeat(32)));
    expect(readAll(stream, [], false)).toEqual([{ kind: 'import', busId: '1'.repeat(32) }]);
  });

  const traffic = concatBytes(commandIn, commandOut, unlink);
  const expected = [
    expect.objectContaining({
      ...submitIn,
      startFrame: 0xffffffff,
      packetCount: 0,
      data: new Uint8Array(0),
    }),
    expect.objectContaining({
      kind: 'submit',
      sequence: 0xd06,
      direction: 'out',
      byteCount: 64,
      data: reportOut,
      setup: new Uint8Array(8),
    }),
    { kind: 'unlink', sequence: 0xd07, deviceId: 0x1000f, unlinkSequence: 0xd05 },
  ];

  test('transfers both ways and an unlink', () => {
    expect(readAll(traffic, [], true)).toEqual(expected);
  });

  test('cut at any byte, they are the same', () => {
    for (let first = 0; first <= traffic.length; first++) {
      expect(readAll(traffic, [first], true)).toEqual(expected);
      expect(readAll(traffic, [first, Math.min(first + 1, traffic.length)], true)).toEqual(
        expected,
      );
    }
    const each = Array.from({ length: traffic.length }, (_, i) => i);
    expect(readAll(traffic, each, true)).toEqual(expected);
    for (let first = 0; first <= imports.length; first++) {
      expect(readAll(imports, [first], false)).toEqual([{ kind: 'import', busId: '1-2' }]);
    }
  });

  test('a setup packet stays as it is on the bus', () => {
    const command = commandIn.slice();
    command.set(hex('8006000100001200'), 40);
    expect(readAll(command, [], true)).toMatchObject([{ setup: hex('8006000100001200') }]);
  });

  test.each([
    ['another version', '0100 8005 00000000', false],
    ['an unknown operation', '0111 8006 00000000', false],
    ['a reply', '0111 0005 00000000', false],
    ['an unknown command', `00000005 ${'00'.repeat(44)}`, true],
    ['command 0', '00'.repeat(48), true],
    ['a direction that is none', `00000001 00000001 00010001 00000002 ${'00'.repeat(32)}`, true],
    ['endpoint 16', `00000001 00000001 00010001 00000000 00000010 ${'00'.repeat(28)}`, true],
    ['1 MiB and a byte out', commandOf(0, 0x100001), true],
    ['1 MiB and a byte in', commandOf(1, 0x100001), true],
    ['4 GiB', commandOf(0, 0xffffffff), true],
    ['an isochronous transfer', commandOf(0, 0, 1), true],
  ])('%s is malformed, and so is all that follows', (_, text, imported) => {
    const stream = concatBytes(hex(text), commandIn);
    const reader = new RequestReader();
    if (imported) reader.imported();
    reader.push(stream);
    for (let i = 0; i < 3; i++) {
      expect(reader.next()).toEqual({ kind: 'malformed', detail: expect.stringMatching(/./) });
      reader.push(commandIn);
    }
  });

  function commandOf(direction: number, byteCount: number, packetCount = 0): string {
    const word = (value: number) => value.toString(16).padStart(8, '0');
    return `00000001 00000001 00010001 ${word(direction)} 00000001 00000000 ${word(byteCount)}
      00000000 ${word(packetCount)} ${'00'.repeat(12)}`;
  }

  test('0xffffffff packets, as the tables have it, are no isochronous transfer', () => {
    expect(readAll(hex(commandOf(1, 8, 0xffffffff)), [], true)).toMatchObject([
      { kind: 'submit', byteCount: 8, packetCount: 0xffffffff },
    ]);
  });

  test('exactly 1 MiB is taken', () => {
    const data = new Uint8Array(0x100000).fill(7);
    expect(readAll(concatBytes(hex(commandOf(0, data.length)), data), [], true)).toMatchObject([
      { kind: 'submit', byteCount: data.length },
    ]);
  });
});

describe('replies', () => {
  const nonIsochronous = { startFrame: 0xffffffff, packetCount: 0 } as const;

  test('to transfers, as in the example', () => {
    expect(toHex(encodeSubmitReply({ sequence: 0xd06, ...nonIsochronous }, 0, 64))).toBe(
      toHex(replyOut),
    );
    const reply = encodeSubmitReply({ sequence: 0xd05, ...nonIsochronous }, 0, 64, [
      reportIn.subarray(0, 20),
      reportIn.subarray(20),
    ]);
    expect(toHex(reply)).toBe(toHex(replyIn));
  });

  test('to a transfer that failed', () => {
    expect(toHex(encodeSubmitReply({ sequence: 1, startFrame: 0, packetCount: 0 }, -32, 0))).toBe(
      `0000000300000001${'00'.repeat(12)}ffffffe0${'00'.repeat(24)}`,
    );
  });

  test('to an unlink', () => {
    expect(toHex(encodeUnlinkReply(0xd07, -104))).toBe(
      `0000000400000d07${'00'.repeat(12)}ffffff98${'00'.repeat(24)}`,
    );
  });

  const record = {
    path: '/here/1-1',
    busId: '1-1',
    busNumber: 1,
    deviceNumber: 2,
    speed: 3,
    vendorId: 0x1209,
    productId: 0x0001,
    deviceVersion: 0x0100,
    deviceClass: 4,
    deviceSubclass: 5,
    deviceProtocol: 6,
    configurationValue: 7,
    configurationCount: 8,
    interfaceCount: 1,
  };
  const recordHex = [
    toHex(utf8('/here/1-1')).padEnd(512, '0'),
    toHex(utf8('1-1')).padEnd(64, '0'),
    '00000001 00000002 00000003 1209 0001 0100 04 05 06 07 08 01',
  ].join(' ');

  test('to a list', () => {
    const interfaces = [{ class: 3, subclass: 1, protocol: 2, unused: undefined }];
    expect(toHex(encodeList([{ record, interfaces }]))).toBe(
      toHex(hex(`0111 0005 00000000 00000001 ${recordHex} 03 01 02 00`)),
    );
    expect(toHex(encodeList([]))).toBe('011100050000000000000000');
  });

  test('to an import', () => {
    expect(toHex(encodeImport(record))).toBe(toHex(hex(`0111 0003 00000000 ${recordHex}`)));
    expect(toHex(encodeImport(importStatus.busy))).toBe('0111000300000002');
    expect(toHex(encodeImport(importStatus.notFound))).toBe('0111000300000004');
  });

  test('a text that is too long is cut off, and still closed by a zero byte', () => {
    const bytes = deviceRecord.write({ ...record, busId: '9'.repeat(40), path: 'é\0x' });
    expect(deviceRecord.read(bytes).busId).toBe('9'.repeat(31));
    expect(deviceRecord.read(bytes).path).toBe('??x');
  });

  test('have the sizes of the document', () => {
    const sizes = [submitCommand, submitReply, unlinkCommand, unlinkReply, deviceRecord];
    expect(sizes.map(({ byteCount }) => byteCount)).toEqual([48, 48, 48, 48, 312]);
    expect(interfaceRecord.byteCount).toBe(4);
  });
});
