/** One field of a fixed layout. */
interface Field<Value> {
  readonly byteCount: number;
  read(view: DataView, at: number): Value;
  write(view: DataView, at: number, value: Value): void;
}

type Fields = Readonly<Record<string, Field<unknown>>>;

type ValuesOf<Each extends Fields> = {
  readonly [Name in keyof Each]: Each[Name] extends Field<infer Value> ? Value : never;
};

/** A layout of fields, one behind the other without gaps. */
export interface Struct<Value> {
  readonly byteCount: number;
  /** The fields in `bytes`, from `at` on; all of them must be there. */
  read(bytes: Uint8Array, at?: number): Value;
  /** Writes the fields, into `bytes` at `at` or into bytes of their own, which it returns. */
  write(value: Value, bytes?: Uint8Array, at?: number): Uint8Array;
}

/** What a struct reads and writes. */
export type StructValue<Each> = Each extends Struct<infer Value> ? Value : never;

/** Makes a layout of fields, in the order they are given. */
export function struct<Each extends Fields>(fields: Each): Struct<ValuesOf<Each>> {
  const places: (readonly [name: keyof Each & string, field: Field<unknown>, offset: number])[] =
    [];
  let byteCount = 0;
  for (const [name, field] of Object.entries(fields)) {
    places.push([name, field, byteCount]);
    byteCount += field.byteCount;
  }
  return {
    byteCount,
    read(bytes, at = 0) {
      const view = viewOf(bytes);
      return Object.fromEntries(
        places.map(([name, field, offset]) => [name, field.read(view, at + offset)]),
      ) as ValuesOf<Each>;
    },
    write(value, bytes = new Uint8Array(byteCount), at = 0) {
      const view = viewOf(bytes);
      for (const [name, field, offset] of places) field.write(view, at + offset, value[name]);
      return bytes;
    },
  };
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

export const u8: Field<number> = {
  byteCount: 1,
  read: (view, at) => view.getUint8(at),
  write: (view, at, value) => view.setUint8(at, value),
};

export const u16: Field<number> = {
  byteCount: 2,
  read: (view, at) => view.getUint16(at),
  write: (view, at, value) => view.setUint16(at, value),
};

export const u32: Field<number> = {
  byteCount: 4,
  read: (view, at) => view.getUint32(at),
  write: (view, at, value) => view.setUint32(at, value),
};

export const i32: Field<number> = {
  byteCount: 4,
  read: (view, at) => view.getInt32(at),
  write: (view, at, value) => view.setInt32(at, value),
};

/** Bytes as they are. They are a view when read, and zeros follow those that are too short. */
export function raw(byteCount: number): Field<Uint8Array> {
  return {
    byteCount,
    read: (view, at) => new Uint8Array(view.buffer, view.byteOffset + at, byteCount),
    write(view, at, value) {
      const field = new Uint8Array(view.buffer, view.byteOffset + at, byteCount);
      field.fill(0);
      field.set(value.subarray(0, byteCount));
    },
  };
}

/** Zeros when written, whatever when read. */
export function padding(byteCount: number): Field<undefined> {
  const zeros = new Uint8Array(byteCount);
  const { write } = raw(byteCount);
  return { byteCount, read: () => undefined, write: (view, at) => write(view, at, zeros) };
}

/**
 * ASCII text that a zero byte closes. What cannot stand in it when written is cut off or becomes
 * `?`; without a zero byte, the text read is as long as the field.
 */
export function text(byteCount: number): Field<string> {
  const { read, write } = raw(byteCount);
  return {
    byteCount,
    read(view, at) {
      const bytes = read(view, at);
      const end = bytes.indexOf(0);
      return String.fromCharCode(...(end < 0 ? bytes : bytes.subarray(0, end)));
    },
    write(view, at, value) {
      const codes = Array.from(value.slice(0, byteCount - 1), (each) => each.charCodeAt(0));
      write(
        view,
        at,
        Uint8Array.from(codes, (code) => (code > 0 && code < 0x80 ? code : 0x3f)),
      );
    },
  };
}
