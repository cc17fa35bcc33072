/**
 * What a CBOR data item must look like, as data. `encode`, `decode` and `cddl` interpret it, and so
 * do the generators of the tests.
 */
export type Shape =
  | { readonly kind: 'integer'; readonly min: number; readonly max: number }
  | { readonly kind: 'bytes'; readonly min: number; readonly max: number }
  | {
      readonly kind: 'text';
      readonly minBytes: number;
      readonly maxBytes: number;
      /** Only U+0020 to U+007E. */
      readonly printableAscii: boolean;
    }
  | { readonly kind: 'bool' }
  | {
      readonly kind: 'enumeration';
      readonly numbers: ReadonlyMap<string, number>;
      readonly names: ReadonlyMap<number, string>;
    }
  | { readonly kind: 'array'; readonly item: Shape; readonly min: number; readonly max: number }
  | { readonly kind: 'tuple'; readonly items: readonly Shape[] }
  | { readonly kind: 'struct'; readonly fields: readonly StructField[] };

/** One entry of a struct's map; a struct lists its fields in ascending order of keys. */
export interface StructField {
  readonly name: string;
  readonly key: number;
  readonly required: boolean;
  readonly shape: Shape;
}

declare const valueType: unique symbol;

/** A shape that knows the TypeScript type of its values. */
export type Schema<Value> = Shape & { readonly [valueType]?: Value };

/** The TypeScript type of a schema's values. */
export type Infer<S> = S extends { readonly [valueType]?: infer Value } ? Value : never;

/** An integer from 0 to `max`, at most 2^53 - 1. */
export function uint({ max }: { readonly max: number }): Schema<number> {
  return { kind: 'integer', min: 0, max };
}

/** One certain integer, such as a version. */
export function constant<const Value extends number>(value: Value): Schema<Value> {
  return { kind: 'integer', min: value, max: value };
}

/** A byte string of one length, or of a range of lengths (`min` is 0 unless given). */
export function bytes(
  limits: { readonly length: number } | { readonly min?: number; readonly max: number },
): Schema<Uint8Array> {
  if ('length' in limits) return { kind: 'bytes', min: limits.length, max: limits.length };
  return { kind: 'bytes', min: limits.min ?? 0, max: limits.max };
}

/** A text string, its length counted in bytes of UTF-8. */
export function text(limits: {
  readonly minBytes?: number;
  readonly maxBytes: number;
  readonly printableAscii?: boolean;
}): Schema<string> {
  return {
    kind: 'text',
    minBytes: limits.minBytes ?? 0,
    maxBytes: limits.maxBytes,
    printableAscii: limits.printableAscii ?? false,
  };
}

/** Whether a text has only characters from U+0020 to U+007E. */
export function isPrintableAscii(value: string): boolean {
  return /^[ -~]*$/.test(value);
}

/** True or false. */
export function bool(): Schema<boolean> {
  return { kind: 'bool' };
}

/** One of several names, each an integer on the wire. */
export function enumeration<const Numbers extends Readonly<Record<string, number>>>(
  numbers: Numbers,
): Schema<keyof Numbers & string> {
  const entries = Object.entries(numbers);
  const names = new Map(entries.map(([name, number]) => [number, name]));
  if (names.size !== entries.length) throw new RangeError('two names share a number');
  return { kind: 'enumeration', numbers: new Map(entries), names };
}

/** A list of `min` (0 unless given) to `max` items. */
export function array<Item>(
  item: Schema<Item>,
  { min = 0, max }: { readonly min?: number; readonly max: number },
): Schema<readonly Item[]> {
  return { kind: 'array', item, min, max };
}

/** A list whose items each have their own schema. */
export function tuple<const Items extends readonly Schema<unknown>[]>(
  items: Items,
): Schema<{ readonly [Index in keyof Items]: Infer<Items[Index]> }> {
  return { kind: 'tuple', items };
}

/** A member of a struct, under an integer key. */
export interface Field<Value, Required extends boolean> {
  readonly key: number;
  readonly required: Required;
  readonly schema: Schema<Value>;
}

/** A member that must be there. */
export function field<Value>(key: number, schema: Schema<Value>): Field<Value, true> {
  return { key, required: true, schema };
}

/** A member that may be missing. */
export function optional<Value>(key: number, schema: Schema<Value>): Field<Value, false> {
  return { key, required: false, schema };
}

type Fields = Readonly<Record<string, Field<unknown, boolean>>>;
type NamesOf<F extends Fields, Required extends boolean> = {
  [Name in keyof F]: F[Name]['required'] extends Required ? Name : never;
}[keyof F];
type StructValue<F extends Fields> = Merged<
  { readonly [Name in NamesOf<F, true>]: Infer<F[Name]['schema']> } & {
    readonly [Name in NamesOf<F, false>]?: Infer<F[Name]['schema']>;
  }
>;
type Merged<Value> = { [Name in keyof Value]: Value[Name] };

/** A map with non-negative integer keys. Keys that it does not name are refused. */
export function struct<F extends Fields>(fields: F): Schema<StructValue<F>> {
  const listed = Object.entries(fields).map(([name, { key, required, schema }]) => {
    return { name, key, required, shape: schema as Shape };
  });
  if (new Set(listed.map(({ key }) => key)).size !== listed.length) {
    throw new RangeError('two fields share a key');
  }
  return { kind: 'struct', fields: listed.sort((a, b) => a.key - b.key) };
}
