import { expect, test } from 'vitest';
import { dongleTable, listed } from '../../src/cli/list.ts';
import type { FaceName } from '../../src/link.ts';
import type { SharingReport } from '../../src/node.ts';
import { type FaceSource, groupFaces } from '../../src/transport/discovery.ts';

function face(name: FaceName, path: string | undefined, location: string, serial?: string) {
  const product = serial && 'latchkey dongle';
  const open = () => Promise.reject(new Error('not to be opened'));
  return { face: name, serial, product, path, location, open } satisfies FaceSource;
}

const alone: SharingReport = { verdict: 'exclusive', evidence: [] };
const remote: SharingReport = {
  verdict: 'unknown',
  evidence: [{ kind: 'usbip', weight: 'weak', detail: 'It is far away.' }],
};

const dongles = groupFaces([
  face('vendor', '/dev/bus/usb/001/005', '1-2', 'LK-2'),
  face('hid', '/dev/hidraw3', '1-1', 'LK-0001'),
  face('vendor', '/dev/bus/usb/001/004', '1-1', 'LK-0001'),
  face('vendor', undefined, '1-3'),
]).map((dongle) => listed(dongle, dongle.serial === 'LK-2' ? remote : alone));

test('a person gets a table', () => {
  expect(dongleTable(dongles)).toBe(
    [
      'serial   product          faces        path                  sharing',
      '?        ?                vendor       ?                     exclusive',
      'LK-0001  latchkey dongle  hid, vendor  /dev/hidraw3          exclusive',
      'LK-2     latchkey dongle  vendor       /dev/bus/usb/001/005  unknown',
      'LK-2: It is far away.',
      '',
    ].join('\n'),
  );
});

test('a program gets the same as JSON', () => {
  const product = 'latchkey dongle';
  expect(dongles).toEqual([
    { serial: null, product: null, faces: ['vendor'], path: null, sharing: alone },
    { serial: 'LK-0001', product, faces: ['hid', 'vendor'], path: '/dev/hidraw3', sharing: alone },
    { serial: 'LK-2', product, faces: ['vendor'], path: '/dev/bus/usb/001/005', sharing: remote },
  ]);
});
