import { equalBytes, fromHex, toHex } from '../bytes.ts';
import type { Bytes, Expected, Tampering, Value } from './step-data.ts';

/** What cases keep under names: bytes and numbers. */
export type Saved = Map<string, unknown>;

/** The deterministic pattern of payloads: it differs from packet to packet, and from seed to seed. */
export function patternBytes(length: number, seed = 0): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 8) * 7 + seed * 59 + 1) & 0xff);
}

/** A byte string of a case. `largest` is what `{ largest: true }` means here, in bytes. */
export function bytesOf(value: Bytes, saved: Saved, largest: number): Uint8Array {
  if ('hex' in value) return fromHex(value.hex.replaceAll(' ', ''));
  if ('bytes' in value) return patternBytes(value.bytes, value.seed);
  if ('largest' in value) return patternBytes(largest - (value.less ?? 0));
  const kept = saved.get(value.saved);
  if (!(kept instanceof Uint8Array)) throw new Error(`no bytes are saved as ${value.saved}`);
  const bytes = value.slice === undefined ? kept : kept.slice(...value.slice);
  return value.flip === undefined ? bytes.slice() : tampered(bytes, { flip: value.flip });
}

/** A field of a request: what is saved may also be a number. */
function fieldValue(value: Value, saved: Saved, largest: number): unknown {
  if (typeof value !== 'object') return value;
  if ('fields' in value) return fieldValues(value.fields, saved, largest);
  if ('saved' in value && typeof saved.get(value.saved) === 'number') return saved.get(value.saved);
  return bytesOf(value, saved, largest);
}

/** Fields of a request. */
export function fieldValues(
  fields: Readonly<Record<string, Value>>,
  saved: Saved,
  largest: number,
): Record<string, unknown> {
  const values = Object.entries(fields).map(([field, value]) => [
    field,
    fieldValue(value, saved, largest),
  ]);
  return Object.fromEntries(values) as Record<string, unknown>;
}

/** Throws an Error that says what is wrong with `actual`, which is called `what`. */
export function check(
  what: string,
  actual: unknown,
  expected: Expected,
  saved: Saved,
  largest: number,
): void {
  if (typeof expected === 'object' && 'pattern' in expected) {
    const wanted = expected.pattern.replaceAll(' ', '');
    if (!(actual instanceof Uint8Array && new RegExp(`^${wanted}$`).test(toHex(actual)))) {
      throw new Error(`${what} is ${show(actual)} instead of ${wanted}`);
    }
  } else if (typeof expected === 'object' && 'length' in expected) {
    const length = actual instanceof Uint8Array ? actual.length : undefined;
    if (length !== expected.length) {
      throw new Error(`${what} is ${show(actual)} instead of ${expected.length} bytes`);
    }
  } else if (typeof expected === 'object' && 'absent' in expected) {
    if (actual !== undefined) throw new Error(`${what} is ${show(actual)} instead of absent`);
  } else if (typeof expected === 'object' && 'above' in expected) {
    if (!((actual as number) > (saved.get(expected.above) as number))) {
      throw new Error(`${what} is ${show(actual)}, not above ${show(saved.get(expected.above))}`);
    }
  } else if (typeof expected === 'object' && 'from' in expected) {
    const { from, to } = expected;
    if (!((actual as number) >= from && (actual as number) <= to)) {
      throw new Error(`${what} is ${show(actual)} instead of ${from} to ${to}`);
    }
  } else if (typeof expected === 'object' && 'unlike' in expected) {
    if (!saved.has(expected.unlike)) throw new Error(`nothing is saved as ${expected.unlike}`);
    if (same(actual, saved.get(expected.unlike))) {
      throw new Error(`${what} is ${show(actual)}, the same as ${expected.unlike}`);
    }
  } else {
    const wanted =
      typeof expected === 'object' && 'text' in expected
        ? stringDescriptor(String(saved.get(expected.text)))
        : fieldValue(expected, saved, largest);
    if (!same(actual, wanted))
      throw new Error(`${what} is ${show(actual)} instead of ${show(wanted)}`);
  }
}

/** USB 2.0 §9.6.7: length, type, and UTF-16 with its low bytes first. */
function stringDescriptor(text: string): Uint8Array {
  const bytes = new Uint8Array(2 + 2 * text.length);
  const view = new DataView(bytes.buffer);
  bytes.set([bytes.length, 3]);
  for (let i = 0; i < text.length; i++) view.setUint16(2 + 2 * i, text.charCodeAt(i), true);
  return bytes;
}

/** A copy of the bytes, as a step alters them. */
export function tampered(bytes: Uint8Array, tampering: Tampering): Uint8Array {
  const { flip, cut = 0, append = 0, zeros } = tampering;
  const kept = bytes.length - cut;
  const out = new Uint8Array(kept + append);
  if (zeros === undefined) out.set(bytes.subarray(0, kept));
  if (flip === undefined) return out;
  const byte = flip === '#' ? undefined : out[flip];
  if (byte === undefined) throw new Error(`byte ${flip} of ${out.length} cannot be altered`);
  out[flip as number] = byte ^ 1;
  return out;
}

/** The same data with `#` in its strings replaced by a round; as `flip` or `back` it is a number. */
export function inRound<Data>(data: Data, round: number): Data {
  if (typeof data === 'string') return data.replaceAll('#', String(round)) as Data;
  if (Array.isArray(data)) return data.map((item) => inRound(item, round)) as Data;
  if (typeof data !== 'object' || data === null) return data;
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [
      key,
      (key === 'flip' || key === 'back') && value === '#' ? round : inRound(value, round),
    ]),
  ) as Data;
}

function same(a: unknown, b: unknown): boolean {
  return a instanceof Uint8Array && b instanceof Uint8Array ? equalBytes(a, b) : a === b;
}

function show(value: unknown): string {
  if (!(value instanceof Uint8Array)) return String(value);
  const beginning = toHex(value.subarray(0, 24));
  return value.length > 24 ? `${beginning}… (${value.length} bytes)` : `${beginning || 'empty'}`;
}
