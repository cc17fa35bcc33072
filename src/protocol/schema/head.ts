// What begins each data item (RFC 8949 §3): its major type, and an argument in as few bytes as hold
// it. This is all of CBOR that needs no schema.

/** The major types that are used here (RFC 8949 §3.1). */
export const majorTypes = {
  unsigned: 0,
  negative: 1,
  bytes: 2,
  text: 3,
  array: 4,
  map: 5,
  simple: 7,
} as const;

export type MajorType = (typeof majorTypes)[keyof typeof majorTypes];

/** Most bytes of a head: an initial byte, then up to 8. */
export const maxHeadBytes = 9;

/** True and false (RFC 8949 §3.3): the whole data item. */
export const simpleValues = { false: 0xf4, true: 0xf5 } as const;

/** Writes a head to `out`, which has room for it, and gives where it ends. */
export function writeHead(
  out: Uint8Array,
  at: number,
  majorType: MajorType,
  argument: number,
): number {
  const type = majorType << 5;
  if (argument < 24) {
    out[at] = type | argument;
    return at + 1;
  }
  const lengthCode = argument < 0x100 ? 0 : argument < 0x1_0000 ? 1 : argument < 2 ** 32 ? 2 : 3;
  const end = at + 1 + (1 << lengthCode);
  out[at] = type | (24 + lengthCode);
  let rest = argument;
  for (let i = end - 1; i > at; i--) {
    out[i] = rest % 0x100;
    rest = Math.floor(rest / 0x100);
  }
  return end;
}

/** Where a decoder is in its input, and why it has refused it. */
export interface Input {
  readonly bytes: Uint8Array;
  at: number;
  detail: string;
}

/** Notes why the input is refused. `undefined`, which is no value of any schema, says that it is. */
export function refuse(input: Input, detail: string): undefined {
  input.detail = detail;
  return undefined;
}

const names: Record<MajorType, string> = {
  0: 'an unsigned integer',
  1: 'a negative integer',
  2: 'a byte string',
  3: 'a text string',
  4: 'a list',
  5: 'a map',
  7: 'a simple value',
};

/**
 * Reads a head that must be of this major type, and gives its argument. Refused are other forms than
 * the shortest, indefinite lengths, and what is no safe integer.
 */
export function readHead(input: Input, majorType: MajorType): number | undefined {
  const { bytes, at } = input;
  const initialByte = bytes[at];
  if (initialByte === undefined) return refuse(input, 'cut short');
  if (initialByte >>> 5 !== majorType) return refuse(input, `not ${names[majorType]}`);
  const info = initialByte & 31;
  if (info < 24) {
    input.at = at + 1;
    return info;
  }
  if (info > 27) return refuse(input, 'not of a definite length');
  const length = 1 << (info - 24);
  const end = at + 1 + length;
  if (end > bytes.length) return refuse(input, 'cut short');
  let argument = 0;
  for (let i = at + 1; i < end; i++) argument = argument * 0x100 + (bytes[i] as number);
  if (argument < (length === 1 ? 24 : 2 ** (4 * length))) {
    return refuse(input, 'not in the shortest form');
  }
  if (argument > Number.MAX_SAFE_INTEGER) return refuse(input, 'too large a number');
  input.at = end;
  return argument;
}
