import { DongleError } from '../errors.ts';
import type { FaceName, LinkSource } from '../link.ts';

/**
 * A face of a dongle, as discovery found it. What the bus says of it proves nothing; only
 * `connect()` does.
 */
export interface FaceSource extends LinkSource {
  /** The serial in the device's descriptors; undefined where the system does not show it. */
  readonly serial: string | undefined;
  /** The product's name in the device's descriptors. */
  readonly product: string | undefined;
  /** Name of the device in this system, such as `/dev/hidraw0`; undefined in a page. */
  readonly path: string | undefined;
  /** The port it is plugged into, the same for all faces of one device, where that is known. */
  readonly location: string | undefined;
}

/** A dongle that is attached. As a source it opens the first of its faces. */
export interface FoundDongle extends LinkSource {
  /** The serial in the device's descriptors; undefined where the system does not show it. */
  readonly serial: string | undefined;
  /** The product's name in the device's descriptors. */
  readonly product: string | undefined;
  /** The ways to reach it, the preferred one first. */
  readonly faces: readonly [FaceSource, ...FaceSource[]];
}

/** Which of the attached dongles is meant. */
export interface FindOptions {
  /** The serial that the dongle must have; needed when several are attached. */
  readonly serial?: string;
  /** The face to reach it by; the preferred one unless given. */
  readonly face?: FaceName;
}

/**
 * HID comes first: it needs no driver anywhere and nobody can claim it for himself, so it opens
 * whatever else runs on the machine. The vendor face is for those who move much data.
 */
const preference: readonly FaceName[] = ['hid', 'vendor'];

/**
 * Puts the faces of each dongle together. Faces with a known port belong to the dongle in that port,
 * so devices that claim the same serial stay apart; others go by their serial.
 */
export function groupFaces(faces: readonly FaceSource[]): FoundDongle[] {
  const groups: [FaceSource, ...FaceSource[]][] = [];
  for (const face of preference.flatMap((name) => faces.filter((each) => each.face === name))) {
    const group = groups.find((others) => ofOneDongle(others, face));
    if (group === undefined) groups.push([face]);
    else group.push(face);
  }
  return groups
    .map(foundDongle)
    .sort(({ serial: a = '' }, { serial: b = '' }) => (a < b ? -1 : a > b ? 1 : 0));
}

function ofOneDongle(others: readonly FaceSource[], face: FaceSource): boolean {
  if (others.some((other) => other.face === face.face)) return false;
  return others.some(({ location, serial }) =>
    location !== undefined && face.location !== undefined
      ? location === face.location
      : serial !== undefined && serial === face.serial,
  );
}

function foundDongle(faces: [FaceSource, ...FaceSource[]]): FoundDongle {
  const [first] = faces;
  return {
    serial: faces.find(({ serial }) => serial !== undefined)?.serial,
    product: faces.find(({ product }) => product !== undefined)?.product,
    faces,
    face: first.face,
    open: (listener) => first.open(listener),
  };
}

/**
 * A source that looks for the dongle when it is opened.
 *
 * @param list - what is attached
 * @param absent - what to tell a person when nothing is
 */
export function soughtDongle(
  list: () => Promise<FoundDongle[]>,
  options: FindOptions,
  absent?: string,
): LinkSource {
  return {
    face: options.face ?? (preference[0] as FaceName),
    open: async (listener) => chooseFace(await list(), options, absent).open(listener),
  };
}

/** @throws DongleError `NOT_FOUND`, `AMBIGUOUS_DONGLE` */
function chooseFace(
  dongles: readonly FoundDongle[],
  { serial, face }: FindOptions,
  absent: string | undefined,
): LinkSource {
  const meant =
    serial === undefined ? dongles : dongles.filter((dongle) => dongle.serial === serial);
  const [dongle] = meant;
  if (dongle === undefined) {
    if (dongles.length === 0) throw new DongleError('NOT_FOUND', absent);
    throw new DongleError(
      'NOT_FOUND',
      `Dongle ${serial} is not attached, only ${serials(dongles)}; plug it in and try again.`,
    );
  }
  if (meant.length > 1) {
    throw new DongleError(
      'AMBIGUOUS_DONGLE',
      serial === undefined
        ? `Several dongles are attached (${serials(meant)}); say which one by its serial.`
        : `${meant.length} devices say that they are ${serial}; unplug those that are not meant.`,
    );
  }
  if (face === undefined) return dongle;
  const source = dongle.faces.find((each) => each.face === face);
  if (source !== undefined) return source;
  throw new DongleError(
    'NOT_FOUND',
    `Dongle ${serials(meant)} cannot be reached by ${face}, only by ${dongle.faces.map((each) => each.face).join(' and ')}; choose that face.`,
  );
}

function serials(dongles: readonly FoundDongle[]): string {
  return dongles.map(({ serial }) => serial ?? 'one of unknown serial').join(', ');
}
