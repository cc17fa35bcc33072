import { type Token, Tokenizer } from 'cborg';
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
  const own = plain(bytes);
  const input = { bytes: own, tokenizer: new Tokenizer(own, tokenizerOptions), detail: '' };
  const value = read(schema, input);
  if (value === undefined) return { ok: false, detail: input.detail };
  if (input.tokenizer.pos() < bytes.length) {
    return { ok: false, detail: 'more bytes follow the data item' };
  }
  return { ok: true, value: value as Value };
}

/** The same bytes without a subclass such as Node's Buffer, which shares memory where it should copy. */
function plain(bytes: Uint8Array): Uint8Array {
  if (bytes.constructor === Uint8Array) return bytes;
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}

const tokenizerOptions = {
  strict: true,
  allowIndefinite: false,
  allowUndefined: false,
  allowBigInt: false,
};

interface Input {
  readonly bytes: Uint8Array;
  readonly tokenizer: Tokenizer;
  /** Set by the refusal that ends the decoding. */
  detail: string;
}

/** Notes why the input is refused. `undefined`, which is no value of any schema, says that it is. */
function refuse(input: Input, detail: string): undefined {
  input.detail = detail;
  return undefined;
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
    case 'bool': {
      const token = nextToken(input, 7);
      if (token === undefined) return undefined;
      return typeof token.value === 'boolean' ? token.value : refuse(input, 'not true or false');
    }
    case 'enumeration': {
      const number = nextInteger(input);
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

/** What each major type is called (RFC 8949 §3.1). */
const majorTypes = [
  'an unsigned integer',
  'a negative integer',
  'a byte string',
  'a text string',
  'a list',
  'a map',
  'a tag',
  'a simple value',
] as const;

/** Length of what comes before a token's content: 1 to 9 bytes (RFC 8949 §3). */
function headBytes(initialByte: number): number {
  const info = initialByte & 31;
  return info < 24 ? 1 : 1 + 2 ** (info - 24);
}

const maxHeadBytes = 9;

/**
 * The next token, which must be of this major type. The tokenizer copies a string as soon as the
 * input holds all of it, so it is never shown more than the longest string allowed here.
 */
function nextToken(
  input: Input,
  majorType: number,
  maxContentBytes = Number.POSITIVE_INFINITY,
): Token | undefined {
  const { bytes, tokenizer } = input;
  const at = tokenizer.pos();
  const initialByte = bytes[at];
  if (initialByte === undefined) return refuse(input, 'cut short');
  if (initialByte >>> 5 !== majorType) return refuse(input, `not ${majorTypes[majorType]}`);
  const end = at + maxHeadBytes + maxContentBytes;
  tokenizer.data = end < bytes.length ? bytes.subarray(0, end) : bytes;
  try {
    return tokenizer.next();
  } catch {
    return refuse(input, 'cut short, too long, or not in the shortest form');
  }
}

function nextInteger(input: Input): number | undefined {
  const initialByte = input.bytes[input.tokenizer.pos()] ?? 0;
  return nextToken(input, initialByte >>> 5 === 1 ? 1 : 0)?.value;
}

type ShapeOf<Kind extends Shape['kind']> = Extract<Shape, { kind: Kind }>;

function readInteger({ min, max }: ShapeOf<'integer'>, input: Input): number | undefined {
  const number = nextInteger(input);
  if (number === undefined) return undefined;
  return number >= min && number <= max ? number : refuse(input, `not from ${min} to ${max}`);
}

function readBytes({ min, max }: ShapeOf<'bytes'>, input: Input): Uint8Array | undefined {
  const content: Uint8Array | undefined = nextToken(input, 2, max)?.value;
  if (content === undefined) return undefined;
  if (content.length >= min && content.length <= max) return content;
  return refuse(input, `not ${min} to ${max} bytes long`);
}

// cborg replaces invalid UTF-8, which RFC 8949 §5.3.1 calls invalid, and drops a byte order mark.
const utf8Decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function readText(shape: ShapeOf<'text'>, input: Input): string | undefined {
  const { minBytes, maxBytes, printableAscii } = shape;
  const at = input.tokenizer.pos();
  const token = nextToken(input, 3, maxBytes);
  if (token === undefined) return undefined;
  const start = at + headBytes(input.bytes[at] as number);
  const end = input.tokenizer.pos();
  const lengthBytes = end - start;
  if (lengthBytes < minBytes || lengthBytes > maxBytes) {
    return refuse(input, `not ${minBytes} to ${maxBytes} bytes long`);
  }
  // As long as its bytes and ASCII: cborg has neither replaced nor dropped anything.
  if (token.value.length === lengthBytes && isPrintableAscii(token.value)) return token.value;
  if (printableAscii) return refuse(input, 'not printable ASCII');
  try {
    return utf8Decoder.decode(input.bytes.subarray(start, end));
  } catch {
    return refuse(input, 'not valid UTF-8');
  }
}

function nextLength(input: Input, majorType: number, min: number, max: number): number | undefined {
  const length: number | undefined = nextToken(input, majorType)?.value;
  if (length === undefined) return undefined;
  if (length >= min && length <= max) return length;
  return refuse(input, `${length} entries instead of ${min} to ${max}`);
}

function readArray({ item, min, max }: ShapeOf<'array'>, input: Input): unknown {
  const length = nextLength(input, 4, min, max);
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
  const length = nextLength(input, 4, shapes.length, shapes.length);
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
  const length = nextLength(input, 5, 0, fields.length);
  if (length === undefined) return undefined;
  const members: Record<string, unknown> = {};
  let previousKey = -1;
  let next = 0;
  for (let i = 0; i < length; i++) {
    const key: number | undefined = nextToken(input, 0)?.value;
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
