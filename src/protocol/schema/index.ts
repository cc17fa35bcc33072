export { cddl } from './cddl.ts';
export { type Decoded, decode } from './decode.ts';
export { encode } from './encode.ts';
export {
  array,
  bool,
  bytes,
  constant,
  enumeration,
  type Field,
  field,
  type Infer,
  optional,
  type Schema,
  type Shape,
  type StructField,
  struct,
  text,
  tuple,
  uint,
} from './schema.ts';
