import { plain } from '../../bytes.ts';
import { type Input, type MajorType, majorTypes, readHead, refuse, simpleValues } from './head.ts';
import { isPrintableAscii, type Schema, type Shape } from './schema.ts';

/** A decoded value, or one clause that says what is wrong with the bytes. */
export type Decoded<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly detail: string };

/**
 * Decodes one data item that fits the schema and is in its deterministic encoding (RFC 8949
 * §4.2.1); everything else is refused, so the same value never has two encodings. Byte strings in
 * the value are copies: nothing in it refers to `bytes`.
 */
export function decode<Value>(schema: Schema<Value>, bytes: Uint8Array): Decoded<Value> {
  const input = { bytes: plain(bytes), at: 0, detail: '' };
  const value = read(schema, input);
  if (value === undefined) return { ok: false, detail: input.detail };
  if (input.at < bytes.length) {
    return { ok: false, detail: 'more bytes follow the data item' };
  }
  return { ok: true, value: value as Value };
}

function refuseWithin(part: string | number, input: Input): undefined {
  return refuse(input, `${part}: ${input.detail}`);
}

/** How deep this recurses is decided by the schema, never by the input. */
function read(shape: Shape, input: Input): unknown {
  switch (shape.kind) {
    case 'integer':
      return readInteger(shape, input);
    case 'bytes':
      return readBytes(shape, input);
    case 'text':
      return readText(shape, input);
    case 'bool':
      return readBool(input);
    case 'enumeration': {
      const number = readNumber(input);
      if (number === undefined) return undefined;
      return shape.names.get(number) ?? refuse(input, `${number} is not a known value`);
    }
    case 'array':
      return readArray(shape, input);
    case 'tuple':
      return readTuple(shape, input);
    case 'struct':
      return readStruct(shape, input);
  }
}

function readBool(input: Input): boolean | undefined {
  const byte = input.bytes[input.at];
  if (byte === undefined) return refuse(input, 'cut short');
  if (byte !== simpleValues.true && byte !== simpleValues.false) {
    return refuse(input, 'not true or false');
  }
  input.at++;
  return byte === simpleValues.true;
}

function readNumber(input: Input): number | undefined {
  const isNegative = (input.bytes[input.at] ?? 0) >>> 5 === majorTypes.negative;
  const argument = readHead(input, isNegative ? majorTypes.negative : majorTypes.unsigned);
  return isNegative && argument !== undefined ? -1 - argument : argument;
}

type ShapeOf<Kind extends Shape['kind']> = Extract<Shape, { kind: Kind }>;

function readInteger({ min, max }: ShapeOf<'integer'>, input: Input): number | undefined {
  const number = readNumber(input);
  if (number === undefined) return undefined;
  return number >= min && number <= max ? number : refuse(input, `not from ${min} to ${max}`);
}

function readBytes({ min, max }: ShapeOf<'bytes'>, input: Input): Uint8Array | undefined {
  return readContent(majorTypes.bytes, min, max, input)?.slice();
}

const utf8Decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function readText(shape: ShapeOf<'text'>, input: Input): string | undefined {
  const content = readContent(majorTypes.text, shape.minBytes, shape.maxBytes, input);
  if (content === undefined) return undefined;
  let text: string;
  try {
    text = utf8Decoder.decode(content);
  } catch {
    return refuse(input, 'not valid UTF-8');
  }
  if (shape.printableAscii && !isPrintableAscii(text)) return refuse(input, 'not printable ASCII');
  return text;
}

/** The bytes of a string, where they stand. */
function readContent(
  majorType: MajorType,
  min: number,
  max: number,
  input: Input,
): Uint8Array | undefined {
  const length = readHead(input, majorType);
  if (length === undefined) return undefined;
  if (length < min || length > max) return refuse(input, `not ${min} to ${max} bytes long`);
  const start = input.at;
  if (start + length > input.bytes.length) return refuse(input, 'cut short');
  input.at = start + length;
  return input.bytes.subarray(start, input.at);
}

function readCount(
  majorType: MajorType,
  min: number,
  max: number,
  input: Input,
): number | undefined {
  const length = readHead(input, majorType);
  if (length === undefined) return undefined;
  if (length >= min && length <= max) return length;
  return refuse(input, `${length} entries instead of ${min} to ${max}`);
}

function readArray({ item, min, max }: ShapeOf<'array'>, input: Input): unknown {
  const length = readCount(majorTypes.array, min, max, input);
  if (length === undefined) return undefined;
  const items: unknown[] = [];
  for (let i = 0; i < length; i++) {
    const value = read(item, input);
    if (value === undefined) return refuseWithin(i, input);
    items.push(value);
  }
  return items;
}

function readTuple({ items: shapes }: ShapeOf<'tuple'>, input: Input): unknown {
  const length = readCount(majorTypes.array, shapes.length, shapes.length, input);
  if (length === undefined) return undefined;
  const items: unknown[] = [];
  for (const shape of shapes) {
    const value = read(shape, input);
    if (value === undefined) return refuseWithin(items.length, input);
    items.push(value);
  }
  return items;
}

function readStruct({ fields }: ShapeOf<'struct'>, input: Input): unknown {
  const length = readCount(majorTypes.map, 0, fields.length, input);
  if (length === undefined) return undefined;
  const members: Record<string, unknown> = {};
  let previousKey = -1;
  let next = 0;
  for (let i = 0; i < length; i++) {
    const key = readHead(input, majorTypes.unsigned);
    if (key === undefined) return refuseWithin('key', input);
    if (key === previousKey) return refuse(input, `key ${key} appears twice`);
    // Unsigned integers are in ascending order where their encodings are (RFC 8949 §4.2.1).
    if (key < previousKey) return refuse(input, `key ${key} is out of order`);
    previousKey = key;
    let member = fields[next++];
    while (member !== undefined && member.key < key) {
      if (member.required) return refuse(input, `${member.name} is missing`);
      member = fields[next++];
    }
    if (member?.key !== key) return refuse(input, `key ${key} is unknown`);
    const value = read(member.shape, input);
    if (value === undefined) return refuseWithin(member.name, input);
    members[member.name] = value;
  }
  for (; next < fields.length; next++) {
    if (fields[next]?.required) return refuse(input, `${fields[next]?.name} is missing`);
  }
  return members;
}
