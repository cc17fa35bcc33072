import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { fromHex } from '../../src/bytes.ts';

const folder = new URL('../vectors/nist/', import.meta.url);

function linesOf(name: string): string[] {
  const text = gunzipSync(readFileSync(new URL(`${name}.gz`, folder))).toString('latin1');
  return text.split(/\r?\n/);
}

/** Names in lower case with their values; a value stays until its name comes again. */
export type Values = ReadonlyMap<string, string>;

/** What stands under a name. */
export function textOf(values: Values, name: string): string {
  const value = values.get(name);
  if (value === undefined) throw new Error(`there is no ${name}`);
  return value;
}

export function bytesOf(values: Values, name: string): Uint8Array {
  const hex = textOf(values, name);
  return fromHex(hex.length % 2 === 0 ? hex : `0${hex}`);
}

/**
 * The vectors of a file with a `name = value` on each line, or with `# name:` and lines of hexadecimal
 * below: each ends with a value of the name `last`. Sections in brackets are `section`.
 */
export function readNamed(name: string, last: string): Values[] {
  const vectors: Values[] = [];
  const values = new Map<string, string>();
  let heading: string | undefined;
  // A value of several lines is whole when something else begins.
  let ended = false;
  const end = () => {
    if (ended) vectors.push(new Map(values));
    ended = false;
  };
  for (const line of [...linesOf(name), '# the end:']) {
    const [, section] = /^\[([^\]]+)\]$/.exec(line) ?? [];
    const [, spelling = '', value] = /^(\w+) *= *(.*)$/.exec(line) ?? [];
    const [, title] = /^# (.+?):? *$/.exec(line) ?? [];
    if (section !== undefined || value !== undefined || title !== undefined) end();
    if (section !== undefined) values.set('section', section);
    if (value !== undefined) {
      values.set(spelling.toLowerCase(), value.trim());
      ended = spelling.toLowerCase() === last;
    } else if (title !== undefined) {
      heading = title.toLowerCase();
      values.set(heading, '');
    } else if (heading !== undefined && /^[0-9a-f ]+$/i.test(line)) {
      values.set(heading, textOf(values, heading) + line.replaceAll(' ', ''));
      ended = heading === last;
    }
  }
  return vectors;
}

/** The vectors of a file with one on each line, its values between colons. */
export function readColons(name: string): string[][] {
  return linesOf(name)
    .filter((line) => line !== '')
    .map((line) => line.split(':'));
}
