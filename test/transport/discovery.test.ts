import { describe, expect, test } from 'vitest';
import { DongleError } from '../../src/errors.ts';
import type { FaceName } from '../../src/link.ts';
import { type FaceSource, groupFaces, soughtDongle } from '../../src/transport/discovery.ts';
import { Heard } from './plug.ts';

/** A face that says which it is when it is opened. */
function face(name: FaceName, serial?: string, location?: string): FaceSource {
  const path = `${name} ${serial ?? '?'} ${location ?? '?'}`;
  return {
    face: name,
    serial,
    product: serial && `product ${serial}`,
    path,
    location,
    open: () => Promise.reject(new Error(path)),
  };
}

const hidA = face('hid', 'A', '1-1');
const vendorA = face('vendor', 'A', '1-1');
const hidB = face('hid', 'B', '1-2');
const vendorB = face('vendor', 'B', '1-2');
const hidClone = face('hid', 'A', '1-3');
const vendorClone = face('vendor', 'A', '1-3');

describe('faces are grouped', () => {
  test.each<[string, FaceSource[], (string | undefined)[][]]>([
    ['none', [], []],
    [
      'by port',
      [vendorB, hidA, vendorA, hidB],
      [
        ['hid A 1-1', 'vendor A 1-1'],
        ['hid B 1-2', 'vendor B 1-2'],
      ],
    ],
    [
      'by port though they share a serial',
      [hidA, hidClone, vendorClone, vendorA],
      [
        ['hid A 1-1', 'vendor A 1-1'],
        ['hid A 1-3', 'vendor A 1-3'],
      ],
    ],
    [
      'by port though one serial is not to be read',
      [hidA, face('vendor', undefined, '1-1')],
      [['hid A 1-1', 'vendor ? 1-1']],
    ],
    [
      'by serial where a port is not known',
      [face('hid', 'B'), face('hid', 'A'), vendorA, vendorB],
      [
        ['hid A ?', 'vendor A 1-1'],
        ['hid B ?', 'vendor B 1-2'],
      ],
    ],
    ['never two of a kind', [face('hid', 'A'), face('hid', 'A')], [['hid A ?'], ['hid A ?']]],
    [
      'not by a serial that is not known',
      [face('hid'), face('vendor')],
      [['hid ? ?'], ['vendor ? ?']],
    ],
    ['with the vendor face alone', [vendorA], [['vendor A 1-1']]],
  ])('%s', (_name, faces, groups) => {
    const found = groupFaces(faces);
    expect(found.map((dongle) => dongle.faces.map(({ path }) => path))).toEqual(groups);
  });

  test('and say who they are, from whichever face tells', () => {
    expect(groupFaces([face('hid', undefined, '1-1'), vendorA])).toMatchObject([
      { serial: 'A', product: 'product A', face: 'hid' },
    ]);
  });
});

/** What is opened, or the error's code and sentence. */
async function sought(faces: FaceSource[], options: { serial?: string; face?: FaceName }) {
  const source = soughtDongle(async () => groupFaces(faces), options);
  const error: Error = await source.open(new Heard()).then(
    () => new Error('opened'),
    (reason) => reason,
  );
  return error instanceof DongleError ? `${error.code}: ${error.message}` : error.message;
}

describe('the dongle that is meant', () => {
  test.each<[string, FaceSource[], { serial?: string; face?: FaceName }, string]>([
    ['the only one', [vendorA, hidA], {}, 'hid A 1-1'],
    ['its vendor face', [hidA, vendorA], { face: 'vendor' }, 'vendor A 1-1'],
    ['the one with that serial', [hidA, hidB], { serial: 'B' }, 'hid B 1-2'],
    ['none', [], {}, 'NOT_FOUND: No matching dongle is attached; plug it in and try again.'],
    [
      'none with a serial',
      [],
      { serial: 'A' },
      'NOT_FOUND: No matching dongle is attached; plug it in and try again.',
    ],
    [
      'another serial',
      [hidA, hidB],
      { serial: 'C' },
      'NOT_FOUND: Dongle C is not attached, only A, B; plug it in and try again.',
    ],
    [
      'several',
      [hidB, hidA],
      {},
      'AMBIGUOUS_DONGLE: Several dongles are attached (A, B); say which one by its serial.',
    ],
    [
      'clones',
      [hidA, hidClone, hidB],
      { serial: 'A' },
      'AMBIGUOUS_DONGLE: 2 devices say that they are A; unplug those that are not meant.',
    ],
    [
      'a face that it lacks',
      [hidA],
      { face: 'vendor' },
      'NOT_FOUND: Dongle A cannot be reached by vendor, only by hid; choose that face.',
    ],
  ])('%s', async (_name, faces, options, outcome) => {
    expect(await sought(faces, options)).toBe(outcome);
  });

  test('is looked for when it is opened, not before', async () => {
    const faces: FaceSource[] = [];
    const source = soughtDongle(async () => groupFaces(faces), {});
    faces.push(hidA);
    await expect(source.open(new Heard())).rejects.toThrow('hid A 1-1');
  });
});
