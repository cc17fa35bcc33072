import type { Step } from '../case.ts';
import { demoPartition } from '../demo-partition.ts';
import type { Expected } from '../step-data.ts';

// Steps on the partition that every device under test has.

const { application, user, administrator } = demoPartition;

/** A password that nobody has. */
export const wrong = { bytes: 16, seed: 9 } as const;

/** A login by the right password, or by another one. */
export function login(
  on: string,
  role: 'user' | 'administrator',
  { password = role === 'user' ? user : administrator, error }: LoginChange = {},
): Step {
  const fields = { application, role, password };
  return { do: 'call', on, command: 'login', fields, ...(error && { error }) };
}

interface LoginChange {
  readonly password?: typeof user | typeof administrator | typeof wrong;
  readonly error?: 'PASSWORD_WRONG' | 'PASSWORD_LOCKED';
}

/**
 * Tries left of the demo partition, in hexadecimal digits; it comes first in the list. Vendor, sizes
 * and free memory may be any.
 */
export function triesAre(on: string, userTries: string, administratorTries: string): Step {
  const vendor = '(..|18..|19.{4}|1a.{8})';
  const size = '(00|19.{4}|1a.{8})';
  const partition = `a5 01 1864 02 ${vendor} 03 83 ${size.repeat(3)} 04 ${userTries} 05 ${administratorTries}`;
  const pattern = `00 a2 01 8. ${partition} (..)*`;
  return { do: 'call', on, command: 'listPartitions', replyBytes: { pattern } };
}

const ram1 = { application, area: 'ram1' } as const;

/** Reads RAM1. */
export function read(
  on: string,
  offset: number,
  count: number,
  expected: { readonly data: Expected } | 'LOGIN_REQUIRED' | 'INVALID_ARGUMENT' = {
    data: { length: count },
  },
): Step {
  const fields = { ...ram1, offset, count };
  const call = { do: 'call', on, command: 'readMemory', fields } as const;
  if (typeof expected === 'string') return { ...call, error: expected };
  return { ...call, result: { data: expected.data } };
}

/** Writes RAM1. */
export function write(
  on: string,
  offset: number,
  data: { readonly hex: string } | { readonly bytes: number },
  error?: 'INVALID_ARGUMENT',
): Step {
  const fields = { ...ram1, offset, data };
  return { do: 'call', on, command: 'writeMemory', fields, ...(error && { error }) };
}

/** Reads or writes nothing: that needs the login all the same. */
export function touch(
  on: string,
  command: 'readMemory' | 'writeMemory',
  area: 'ram1' | 'ram2' | 'ram3',
  error?: 'LOGIN_REQUIRED',
): Step {
  const what = command === 'readMemory' ? { count: 0 } : { data: { hex: '' } };
  const fields = { application, area, offset: 0, ...what };
  return { do: 'call', on, command, fields, ...(error && { error }) };
}
