import { encodeInto, Token, Type } from 'cborg';
import { utf8 } from '../../bytes.ts';
import { isPrintableAscii, type Schema, type Shape } from './schema.ts';

/** Most bytes that a token adds to its content (RFC 8949 §3: an initial byte, then up to 8). */
const maxHeadBytes = 9;

/**
 * The deterministic encoding of a value (RFC 8949 §4.2.1), in new memory.
 *
 * Throws a `RangeError` if the value does not fit the schema, which is the caller's mistake.
 */
export function encode<Value>(schema: Schema<Value>, value: Value): Uint8Array {
  const tokens: Token[] = [];
  const boundBytes = appendTokens(schema, value, tokens);
  const target = boundBytes > scratch.length ? new Uint8Array(boundBytes) : scratch;
  const { written } = encodeInto(tokens, target, tokenOptions);
  return target === scratch ? scratch.slice(0, written) : target.subarray(0, written);
}

// cborg takes tokens from a type encoder only, so the list of tokens is encoded as if it were a type.
const tokenOptions = { typeEncoders: { Array: (tokens: Token[]) => tokens } };

/** Where short encodings are written, to be copied out at their exact length. */
const scratch = new Uint8Array(1024);

/** Appends the value's tokens and returns an upper bound of their encoded length. */
function appendTokens(shape: Shape, value: unknown, tokens: Token[]): number {
  switch (shape.kind) {
    case 'integer':
      return appendInteger(shape, value, tokens);
    case 'bytes':
      return appendBytes(shape, value, tokens);
    case 'text':
      return appendText(shape, value, tokens);
    case 'bool':
      if (typeof value !== 'boolean') throw new RangeError('not a boolean');
      tokens.push(new Token(value ? Type.true : Type.false, value));
      return maxHeadBytes;
    case 'enumeration': {
      const number = shape.numbers.get(value as string);
      if (number === undefined) throw new RangeError(`not one of ${[...shape.numbers.keys()]}`);
      return pushInteger(number, tokens);
    }
    case 'array':
      return appendArray(shape, value, tokens);
    case 'tuple':
      return appendTuple(shape, value, tokens);
    case 'struct':
      return appendStruct(shape, value, tokens);
  }
}

type ShapeOf<Kind extends Shape['kind']> = Extract<Shape, { kind: Kind }>;

function appendInteger(shape: ShapeOf<'integer'>, value: unknown, tokens: Token[]): number {
  if (
    !Number.isSafeInteger(value) ||
    (value as number) < shape.min ||
    (value as number) > shape.max
  ) {
    throw new RangeError(`not an integer from ${shape.min} to ${shape.max}`);
  }
  return pushInteger(value as number, tokens);
}

function pushInteger(value: number, tokens: Token[]): number {
  tokens.push(new Token(value < 0 ? Type.negint : Type.uint, value));
  return maxHeadBytes;
}

function appendBytes(shape: ShapeOf<'bytes'>, value: unknown, tokens: Token[]): number {
  if (!(value instanceof Uint8Array) || value.length < shape.min || value.length > shape.max) {
    throw new RangeError(`not a byte string of ${shape.min} to ${shape.max} bytes`);
  }
  tokens.push(new Token(Type.bytes, value));
  return maxHeadBytes + value.length;
}

function appendText(shape: ShapeOf<'text'>, value: unknown, tokens: Token[]): number {
  const { minBytes, maxBytes, printableAscii } = shape;
  if (typeof value !== 'string' || /\p{Surrogate}/u.test(value)) {
    throw new RangeError('not well-formed text');
  }
  const token = new Token(Type.string, value);
  const ascii = isPrintableAscii(value);
  if (!ascii) token.encodedBytes = utf8(value);
  const lengthBytes = token.encodedBytes?.length ?? value.length;
  if (lengthBytes < minBytes || lengthBytes > maxBytes) {
    throw new RangeError(`not a text of ${minBytes} to ${maxBytes} bytes`);
  }
  if (printableAscii && !ascii) throw new RangeError('not printable ASCII');
  tokens.push(token);
  return maxHeadBytes + lengthBytes;
}

function appendArray(shape: ShapeOf<'array'>, value: unknown, tokens: Token[]): number {
  if (!Array.isArray(value) || value.length < shape.min || value.length > shape.max) {
    throw new RangeError(`not a list of ${shape.min} to ${shape.max} items`);
  }
  tokens.push(new Token(Type.array, value.length));
  let bound = maxHeadBytes;
  for (let i = 0; i < value.length; i++) bound += appendWithin(i, shape.item, value[i], tokens);
  return bound;
}

function appendTuple(shape: ShapeOf<'tuple'>, value: unknown, tokens: Token[]): number {
  if (!Array.isArray(value) || value.length !== shape.items.length) {
    throw new RangeError(`not a list of ${shape.items.length} items`);
  }
  tokens.push(new Token(Type.array, value.length));
  let bound = maxHeadBytes;
  shape.items.forEach((item, i) => {
    bound += appendWithin(i, item, value[i], tokens);
  });
  return bound;
}

function appendStruct(shape: ShapeOf<'struct'>, value: unknown, tokens: Token[]): number {
  if (typeof value !== 'object' || value === null) throw new RangeError('not an object');
  const members = value as Readonly<Record<string, unknown>>;
  const map = new Token(Type.map, 0);
  tokens.push(map);
  let bound = maxHeadBytes;
  for (const { name, key, required, shape: member } of shape.fields) {
    if (members[name] === undefined) {
      if (required) throw new RangeError(`${name} is missing`);
      continue;
    }
    map.value++;
    bound += pushInteger(key, tokens) + appendWithin(name, member, members[name], tokens);
  }
  return bound;
}

/** `appendTokens` for a part of a value, which an error names. */
function appendWithin(
  part: string | number,
  shape: Shape,
  value: unknown,
  tokens: Token[],
): number {
  try {
    return appendTokens(shape, value, tokens);
  } catch (error) {
    throw new RangeError(`${part}: ${(error as Error).message}`);
  }
}
