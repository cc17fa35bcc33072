import { concatBytes } from '../../../bytes.ts';

/** Descriptor types (USB 2.0 table 9-5, USB 3.2 table 9-6). */
export const descriptorTypes = {
  device: 1,
  configuration: 2,
  string: 3,
  interface: 4,
  endpoint: 5,
  deviceQualifier: 6,
  otherSpeedConfiguration: 7,
  bos: 15,
  deviceCapability: 16,
} as const;

/** Fields by their names in the specification, in the order in which they travel. */
type Fields = Readonly<Record<string, number>>;

/** The specifications' names tell how large a field is, in bytes. */
const fieldBytes: readonly (readonly [prefix: RegExp, bytes: number])[] = [
  [/^dw[A-Z]/, 4],
  [/^(w|bcd|id)[A-Z]/, 2],
  [/^(b|bm|i)[A-Z]/, 1],
];

/** Encodes fields, little-endian, with `tail` after them. */
export function structure(fields: Fields, ...tail: readonly Uint8Array[]): Uint8Array {
  const head: number[] = [];
  for (const [name, value] of Object.entries(fields)) {
    const bytes = fieldBytes.find(([prefix]) => prefix.test(name))?.[1];
    if (bytes === undefined) throw new RangeError(`${name} does not tell its size`);
    if (value < 0 || value >= 2 ** (8 * bytes)) throw new RangeError(`${name} of ${value}`);
    for (let i = 0; i < bytes; i++) head.push((value >>> (8 * i)) & 0xff);
  }
  return concatBytes(Uint8Array.from(head), ...tail);
}

/** Encodes a descriptor, whose length and type come first (USB 2.0 §9.5). */
export function descriptor(
  type: number,
  fields: Fields,
  ...tail: readonly Uint8Array[]
): Uint8Array {
  const rest = structure(fields, ...tail);
  return structure({ bLength: 2 + rest.length, bDescriptorType: type }, rest);
}

/** UTF-16, little-endian. */
export function utf16(text: string): Uint8Array {
  return concatBytes(
    ...Array.from({ length: text.length }, (_, i) => structure({ wUnit: text.charCodeAt(i) })),
  );
}

/** A UUID in the byte order of RFC 9562's GUIDs: its first three groups are little-endian. */
export function guid(text: string): Uint8Array {
  const digits = text.replaceAll('-', '');
  const order = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];
  return Uint8Array.from(order, (i) => Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16));
}
