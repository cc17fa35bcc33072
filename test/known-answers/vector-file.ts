import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

const folder = new URL('../vectors/nist/', import.meta.url);

/** One vector: its values by their names in lower case, and those of the section it stands in. */
export interface Vector {
  /** What stands alone in brackets above it, as in `[ENCRYPT]`. */
  readonly section: string;
  readonly values: ReadonlyMap<string, string>;
  /** Words on lines of their own, as `FAIL`. */
  readonly marks: ReadonlySet<string>;
}

/** Vectors begin with one of these. */
const firstNames = new Set(['count', 'len']);

/** The vectors of a file of the folder, in their order. */
export function readVectors(name: string): Vector[] {
  const vectors: Vector[] = [];
  let section = '';
  let values = new Map<string, string>();
  let marks = new Set<string>();
  for (const line of gunzipSync(readFileSync(new URL(`${name}.gz`, folder)))
    .toString('latin1')
    .split(/\r?\n/)) {
    const [, bracketed] = /^\[(\w+)\]$/.exec(line) ?? [];
    if (bracketed !== undefined) section = bracketed;
    const [, spelling, value] = /^(\w+) *= *(\S*)$/.exec(line) ?? [];
    if (spelling !== undefined && value !== undefined) {
      const key = spelling.toLowerCase();
      if (firstNames.has(key)) {
        values = new Map();
        marks = new Set();
        vectors.push({ section, values, marks });
      }
      values.set(key, value);
    }
    if (/^\w+$/.test(line)) marks.add(line);
  }
  return vectors;
}
