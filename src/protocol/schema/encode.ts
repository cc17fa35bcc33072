import { utf8 } from '../../bytes.ts';
import { type MajorType, majorTypes, maxHeadBytes, simpleValues, writeHead } from './head.ts';
import { isPrintableAscii, type Schema, type Shape } from './schema.ts';

/**
 * The deterministic encoding of a value (RFC 8949 §4.2.1), in new memory.
 *
 * Throws a `RangeError` if the value does not fit the schema, which is the caller's mistake.
 */
export function encode<Value>(schema: Schema<Value>, value: Value): Uint8Array {
  const output = new Output();
  try {
    write(schema, value, output);
    return output.written();
  } finally {
    output.clear();
  }
}

/** Where all encodings are written that fit, to be copied out at their exact length. */
const scratch = new Uint8Array(1024);

/** What has been encoded so far. */
class Output {
  #bytes = scratch;
  #at = 0;

  head(majorType: MajorType, argument: number): void {
    this.#reserve(maxHeadBytes);
    this.#at = writeHead(this.#bytes, this.#at, majorType, argument);
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#at++] = value;
  }

  content(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  /** A copy of it. */
  written(): Uint8Array {
    return this.#bytes.slice(0, this.#at);
  }

  /** Leaves nothing behind, as it may be secret. */
  clear(): void {
    this.#bytes.fill(0, 0, this.#at);
  }

  #reserve(count: number): void {
    const needed = this.#at + count;
    if (needed <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, 2 * this.#bytes.length));
    larger.set(this.#bytes.subarray(0, this.#at));
    this.clear();
    this.#bytes = larger;
  }
}

function write(shape: Shape, value: unknown, output: Output): void {
  switch (shape.kind) {
    case 'integer':
      writeInteger(shape, value, output);
      break;
    case 'bytes':
      writeBytes(shape, value, output);
      break;
    case 'text':
      writeText(shape, value, output);
      break;
    case 'bool':
      if (typeof value !== 'boolean') throw new RangeError('not a boolean');
      output.byte(simpleValues[`${value}`]);
      break;
    case 'enumeration': {
      const number = shape.numbers.get(value as string);
      if (number === undefined) throw new RangeError(`not one of ${[...shape.numbers.keys()]}`);
      writeNumber(number, output);
      break;
    }
    case 'array':
      writeArray(shape, value, output);
      break;
    case 'tuple':
      writeTuple(shape, value, output);
      break;
    case 'struct':
      writeStruct(shape, value, output);
      break;
  }
}

type ShapeOf<Kind extends Shape['kind']> = Extract<Shape, { kind: Kind }>;

function writeInteger(shape: ShapeOf<'integer'>, value: unknown, output: Output): void {
  if (
    !Number.isSafeInteger(value) ||
    (value as number) < shape.min ||
    (value as number) > shape.max
  ) {
    throw new RangeError(`not an integer from ${shape.min} to ${shape.max}`);
  }
  writeNumber(value as number, output);
}

function writeNumber(value: number, output: Output): void {
  if (value < 0) output.head(majorTypes.negative, -1 - value);
  else output.head(majorTypes.unsigned, value);
}

function writeBytes(shape: ShapeOf<'bytes'>, value: unknown, output: Output): void {
  if (!(value instanceof Uint8Array) || value.length < shape.min || value.length > shape.max) {
    throw new RangeError(`not a byte string of ${shape.min} to ${shape.max} bytes`);
  }
  output.head(majorTypes.bytes, value.length);
  output.content(value);
}

function writeText(shape: ShapeOf<'text'>, value: unknown, output: Output): void {
  const { minBytes, maxBytes, printableAscii } = shape;
  if (typeof value !== 'string' || /\p{Surrogate}/u.test(value)) {
    throw new RangeError('not well-formed text');
  }
  const content = utf8(value);
  if (content.length < minBytes || content.length > maxBytes) {
    throw new RangeError(`not a text of ${minBytes} to ${maxBytes} bytes`);
  }
  if (printableAscii && !isPrintableAscii(value)) throw new RangeError('not printable ASCII');
  output.head(majorTypes.text, content.length);
  output.content(content);
}

function writeArray(shape: ShapeOf<'array'>, value: unknown, output: Output): void {
  if (!Array.isArray(value) || value.length < shape.min || value.length > shape.max) {
    throw new RangeError(`not a list of ${shape.min} to ${shape.max} items`);
  }
  output.head(majorTypes.array, value.length);
  for (let i = 0; i < value.length; i++) writeWithin(i, shape.item, value[i], output);
}

function writeTuple(shape: ShapeOf<'tuple'>, value: unknown, output: Output): void {
  if (!Array.isArray(value) || value.length !== shape.items.length) {
    throw new RangeError(`not a list of ${shape.items.length} items`);
  }
  output.head(majorTypes.array, value.length);
  shape.items.forEach((item, i) => {
    writeWithin(i, item, value[i], output);
  });
}

function writeStruct(shape: ShapeOf<'struct'>, value: unknown, output: Output): void {
  if (typeof value !== 'object' || value === null) throw new RangeError('not an object');
  const members = value as Readonly<Record<string, unknown>>;
  let count = 0;
  for (const { name, required } of shape.fields) {
    if (members[name] !== undefined) count++;
    else if (required) throw new RangeError(`${name} is missing`);
  }
  output.head(majorTypes.map, count);
  for (const { name, key, shape: member } of shape.fields) {
    if (members[name] === undefined) continue;
    output.head(majorTypes.unsigned, key);
    writeWithin(name, member, members[name], output);
  }
}

/** `write` for a part of a value, which an error names. */
function writeWithin(part: string | number, shape: Shape, value: unknown, output: Output): void {
  try {
    write(shape, value, output);
  } catch (error) {
    throw new RangeError(`${part}: ${(error as Error).message}`);
  }
}
