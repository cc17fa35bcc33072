import { fromHex } from '../../bytes.ts';
import type { Outcome } from '../../errors.ts';

/** A key whose certificates a host believes. */
export interface TrustedRoot {
  readonly name: string;
  /** Ed25519, 32 bytes. */
  readonly publicKey: Uint8Array;
  /** Whether it certifies emulators and samples only. */
  readonly test: boolean;
  /** The vendors for which it may certify issuers. */
  readonly vendors: readonly number[] | 'any';
}

/**
 * Reads a root from the text of its file, JSON such as
 * `{ "latchkeyRoot": 1, "name": "…", "publicKey": "<64 hex digits>", "test": false, "vendors": [7] }`
 * where `vendors` may also be `"any"`. Refuses everything else with `INVALID_ARGUMENT`.
 */
export function parseRoot(text: string): Outcome<TrustedRoot, 'INVALID_ARGUMENT'> {
  const file = parseObject(text);
  if (file?.['latchkeyRoot'] !== 1) return refuse('it has no "latchkeyRoot": 1');
  const { name, publicKey, test, vendors } = file;
  if (typeof name !== 'string' || !/^[^\p{C}]{1,64}$/u.test(name)) {
    return refuse('its "name" is not a text of 1 to 64 printable characters');
  }
  if (typeof publicKey !== 'string' || !/^[0-9a-f]{64}$/i.test(publicKey)) {
    return refuse('its "publicKey" is not 64 hexadecimal digits');
  }
  if (typeof test !== 'boolean') return refuse('its "test" is not true or false');
  if (vendors !== 'any' && !isVendorList(vendors)) {
    return refuse('its "vendors" is neither "any" nor a list of vendor numbers');
  }
  return { ok: true, value: { name, publicKey: fromHex(publicKey), test, vendors } };
}

function refuse(reason: string): Outcome<TrustedRoot, 'INVALID_ARGUMENT'> {
  const detail = `This is not a latchkey root file: ${reason}; ask the vendor for the root again.`;
  return { ok: false, code: 'INVALID_ARGUMENT', detail };
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return undefined;
    return value as Readonly<Record<string, unknown>>;
  } catch {
    return undefined;
  }
}

function isVendorList(value: unknown): value is readonly number[] {
  return (
    Array.isArray(value) &&
    value.every((id) => Number.isInteger(id) && id >= 0 && id <= 0xffff_ffff)
  );
}
