import { fromHex, toHex } from '../bytes.ts';
import { licenseSchema, timeSchema } from '../protocol/licenses/index.ts';
import type { Shape } from '../protocol/schema/index.ts';
import { nearest } from './nearest.ts';

// The values of a plan, read by the same schemas by which an update is encoded: whatever an update
// can say, a plan can, and nothing else.

/** What is wrong with a plan: the place, and what to write there. */
export class PlanError extends Error {}

/** Bytes that a plan leaves to chance. */
export interface RandomPlace {
  readonly path: string;
  readonly count: number;
}

type Read = (value: unknown, path: string) => unknown;

/**
 * Reads a value as people write it.
 *
 * @param path - of the value in the plan
 * @param random - makes the bytes of `"random:COUNT"`
 */
export function readPlanValue(
  shape: Shape,
  value: unknown,
  path: string,
  random: (place: RandomPlace) => Uint8Array,
): unknown {
  const special = specials.get(shape);
  if (special !== undefined) return special.read(value, path);
  switch (shape.kind) {
    case 'integer':
      return readInteger(shape, value, path);
    case 'bytes':
      return readBytes(shape, value, path, random);
    case 'text':
      return readText(shape, value, path);
    case 'bool':
      if (typeof value === 'boolean') return value;
      throw wrong(path, value, 'true or false');
    case 'enumeration':
      return readName([...shape.numbers.keys()], value, path);
    case 'array':
      return readList(shape, value, path, random);
    case 'tuple':
      throw new RangeError('no operation has a tuple');
    case 'struct':
      return readMembers(shape, value, path, random);
  }
}

/** A value as a plan would say it: for accounts, and for the ledger. */
export function writePlanValue(shape: Shape, value: unknown): unknown {
  const special = specials.get(shape);
  if (special !== undefined) return special.write(value);
  if (shape.kind === 'bytes') return `hex:${toHex(value as Uint8Array)}`;
  if (shape.kind === 'array') {
    return (value as readonly unknown[]).map((item) => writePlanValue(shape.item, item));
  }
  if (shape.kind === 'struct') {
    const members = value as Readonly<Record<string, unknown>>;
    const said = shape.fields.filter(({ name }) => members[name] !== undefined);
    return Object.fromEntries(
      said.map(({ name, shape: member }) => [name, writePlanValue(member, members[name])]),
    );
  }
  return value;
}

type ShapeOf<Kind extends Shape['kind']> = Extract<Shape, { kind: Kind }>;

function readInteger({ min, max }: ShapeOf<'integer'>, value: unknown, path: string): number {
  if (Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max) {
    return value as number;
  }
  throw wrong(path, value, min === max ? `${min}` : `a whole number from ${min} to ${max}`);
}

function readText(shape: ShapeOf<'text'>, value: unknown, path: string): string {
  const { minBytes, maxBytes, printableAscii } = shape;
  const kind = printableAscii ? 'printable ASCII text' : 'text';
  const length = typeof value === 'string' ? new TextEncoder().encode(value).length : -1;
  const fits = length >= minBytes && length <= maxBytes;
  if (fits && !/\p{Surrogate}/u.test(value as string)) {
    if (!printableAscii || /^[ -~]*$/.test(value as string)) return value as string;
  }
  throw wrong(path, value, `a ${kind} of ${minBytes} to ${maxBytes} bytes`);
}

function readBytes(
  { min, max }: ShapeOf<'bytes'>,
  value: unknown,
  path: string,
  random: (place: RandomPlace) => Uint8Array,
): Uint8Array {
  const size = min === max ? `${min} bytes` : `${min} to ${max} bytes`;
  const bytes = typeof value === 'string' ? bytesOf(value, path, max, random) : undefined;
  if (bytes === undefined) throw wrong(path, value, `${size} as "hex:…", "base64:…" or "random:…"`);
  if (bytes.length < min || bytes.length > max) {
    throw new PlanError(`${path} has ${bytes.length} bytes; write ${size}`);
  }
  return bytes;
}

function bytesOf(
  text: string,
  path: string,
  max: number,
  random: (place: RandomPlace) => Uint8Array,
): Uint8Array | undefined {
  const [, encoding, rest = ''] = /^(hex|base64|random):(.*)$/s.exec(text) ?? [];
  switch (encoding) {
    case 'hex':
      return /^([0-9a-f]{2})*$/i.test(rest) ? fromHex(rest) : undefined;
    case 'base64': {
      const bytes = new Uint8Array(Buffer.from(rest, 'base64'));
      // Node skips what is no base64; what it has read must be what was written.
      return Buffer.from(bytes).toString('base64') === rest ? bytes : undefined;
    }
    case 'random': {
      const count = /^\d{1,5}$/.test(rest) ? Number(rest) : Number.NaN;
      if (!(count >= 1 && count <= max)) {
        throw new PlanError(`${path} is "${text}"; write "random:" and a count from 1 to ${max}`);
      }
      return random({ path, count });
    }
    default:
      return undefined;
  }
}

function readName(names: readonly string[], value: unknown, path: string): string {
  if (typeof value === 'string' && names.includes(value)) return value;
  throw wrong(path, value, `one of ${names.join(', ')}`);
}

function readList(
  { item, min, max }: ShapeOf<'array'>,
  value: unknown,
  path: string,
  random: (place: RandomPlace) => Uint8Array,
): readonly unknown[] {
  if (!Array.isArray(value) || value.length < min || value.length > max) {
    throw wrong(path, value, min === max ? `a list of ${min}` : `a list of ${min} to ${max}`);
  }
  return value.map((each, i) => readPlanValue(item, each, `${path}[${i}]`, random));
}

function readMembers(
  { fields }: ShapeOf<'struct'>,
  value: unknown,
  path: string,
  random: (place: RandomPlace) => Uint8Array,
): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw wrong(path, value, `{ ${fields.map(({ name }) => `"${name}"`).join(', ')} }`);
  }
  const members: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(value)) {
    const found = fields.find((each) => each.name === name);
    if (found === undefined)
      throw unknownWord(
        path,
        name,
        fields.map((each) => each.name),
      );
    members[name] = readPlanValue(found.shape, member, `${path}.${name}`, random);
  }
  const missing = fields.find(({ name, required }) => required && members[name] === undefined);
  if (missing !== undefined) throw new PlanError(`${path} has no "${missing.name}"`);
  return members;
}

function unknownWord(path: string, word: string, known: readonly string[]): PlanError {
  const guess = nearest(word, known);
  const advice =
    guess === undefined ? `write one of ${known.join(', ')}` : `do you mean "${guess}"?`;
  return new PlanError(`${path} has "${word}", which is not known; ${advice}`);
}

function wrong(path: string, value: unknown, wanted: string): PlanError {
  const shown = JSON.stringify(value) ?? String(value);
  return new PlanError(`${path} is ${shown.slice(0, 60)}; write ${wanted}`);
}

/** Values that people write in another way than an update does. */
const specials = new Map<Shape, { read: Read; write: (value: unknown) => unknown }>([
  [timeSchema, { read: readDate, write: (value) => formatDate(value as number) }],
  [memberOf(licenseSchema, 'usagePeriod'), { read: readPeriod, write: formatPeriod }],
  [memberOf(licenseSchema, 'features'), { read: readFeatures, write: formatFeatures }],
]);

function memberOf(shape: Shape, name: string): Shape {
  const member = shape.kind === 'struct' && shape.fields.find((each) => each.name === name);
  if (!member) throw new RangeError(`there is no ${name}`);
  return member.shape;
}

/** Seconds since 1970; a day without a time begins at midnight UTC. */
function readDate(value: unknown, path: string): number {
  const pattern = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2})?Z)?$/;
  const ms = typeof value === 'string' && pattern.test(value) ? Date.parse(value) : Number.NaN;
  // Date.parse takes February 30 for March 1.
  const isReal =
    Number.isFinite(ms) && new Date(ms).toISOString().startsWith(String(value).slice(0, 10));
  if (isReal && ms >= 0) return ms / 1000;
  throw wrong(path, value, 'a date such as "2027-12-31" or "2027-12-31T18:00Z", in UTC');
}

/** A time as a plan says it: the day alone at midnight. */
export function formatDate(seconds: number): string {
  const text = new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
  return text.replace('T00:00:00Z', '');
}

const secondsOf = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 } as const;

function readPeriod(value: unknown, path: string): number {
  const [, count, unit] = /^(\d{1,9})([smhdw])$/.exec(String(value)) ?? [];
  const seconds = Number(count) * secondsOf[unit as keyof typeof secondsOf];
  if (typeof value === 'string' && seconds <= 0xffff_ffff) return seconds;
  throw wrong(path, value, 'a period such as "30d" (s, m, h, d or w)');
}

function formatPeriod(value: unknown): string {
  const seconds = value as number;
  return seconds % secondsOf.d === 0 ? `${seconds / secondsOf.d}d` : `${seconds}s`;
}

function readFeatures(value: unknown, path: string): number {
  const isBit = (bit: unknown) =>
    Number.isInteger(bit) && (bit as number) >= 0 && (bit as number) < 32;
  if (!Array.isArray(value) || !value.every(isBit)) {
    throw wrong(path, value, 'a list of features, 0 to 31 each, such as [0, 3]');
  }
  return value.reduce((bits, bit) => (bits | (1 << bit)) >>> 0, 0);
}

/** The numbers of the features that are there. */
function formatFeatures(value: unknown): readonly number[] {
  const bits = value as number;
  return Array.from({ length: 32 }, (_, bit) => bit).filter((bit) => ((bits >>> bit) & 1) === 1);
}
