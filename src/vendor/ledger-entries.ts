import { suite } from '#crypto';
import { toHex, utf8 } from '../bytes.ts';

// One line of a ledger's file is one entry, as JSON, and a sum over it and the sum before: a line that
// was changed or taken out shows. Byte strings are hexadecimal, signed ones base64.

/** Who the dongle is; the first entry of each file. */
export interface DongleEntry {
  readonly kind: 'dongle';
  readonly serial: string;
  readonly vendor: number;
  readonly model: string;
  /** X25519, of its encrypted channel: updates without a context are sealed to it. */
  readonly staticKey: string;
  readonly signingKey: string;
}

/** What is left of a license, as the dongle says. */
export interface LicenseLeft {
  readonly product: number;
  readonly state: 'active' | 'blocked' | 'decoy';
  readonly usedUnits: number;
  readonly unitsLeft?: number;
  readonly firstUse?: number;
  readonly decoyUses?: number;
  readonly withdrawn?: 1;
}

/** What a dongle has told of itself, by a context or by a receipt. */
export interface SeenEntry {
  readonly kind: 'context' | 'receipt';
  /** Of the last update that it has applied, and that one's id; 0 where there was none. */
  readonly number: number;
  readonly last: string;
  readonly licenses: readonly LicenseLeft[];
}

/** A license on its way: taken from this dongle for another one. */
export interface MoveNote {
  readonly product: number;
  /** The serial of the other dongle. */
  readonly to: string;
}

/** A license that has come from another dongle with this update. */
export interface ArrivalNote {
  /** The id of the other dongle, and the update that took it away there. */
  readonly from: string;
  readonly number: number;
  readonly product: number;
}

/** An update that was signed, and may have been given out. */
export interface UpdateEntry {
  readonly kind: 'update';
  readonly number: number;
  readonly id: string;
  /** What it says, readable, with all secrets that were made for it. */
  readonly plan: readonly unknown[];
  readonly moves: readonly MoveNote[];
  readonly arrivals: readonly ArrivalNote[];
  /** COSE_Sign1. */
  readonly signed: string;
}

/** A file that was sealed; what is in it cannot be read from it any more. */
export interface SealedEntry {
  readonly kind: 'sealed';
  /** Its SHA-256. */
  readonly file: string;
  readonly numbers: readonly number[];
}

/** Updates from this number on, which the dongle has not had, are not to be sent any more. */
export interface WithdrawnEntry {
  readonly kind: 'withdrawn';
  readonly from: number;
}

/** What happened, and when (ISO 8601). */
export type LedgerEntry = { readonly at: string } & (
  | DongleEntry
  | SeenEntry
  | UpdateEntry
  | SealedEntry
  | WithdrawnEntry
);

/** A line, with its sum for the next one. */
export function encodeLine(
  entry: LedgerEntry,
  previousSum: string,
): { readonly line: string; readonly sum: string } {
  const text = JSON.stringify(entry);
  const sum = sumOf(previousSum, text);
  return { line: `${text.slice(0, -1)},"sum":"${sum}"}\n`, sum };
}

/**
 * Reads a file's lines. What stands behind the last line's end was being written when the power
 * failed or the program died: nobody was given it, so it does not count.
 *
 * @returns undefined for a file that is damaged elsewhere
 */
export function decodeLines(text: string):
  | {
      readonly entries: readonly LedgerEntry[];
      readonly sum: string;
      /** Of the lines that count, in bytes. */
      readonly length: number;
    }
  | undefined {
  const lines = text.slice(0, text.lastIndexOf('\n') + 1);
  const entries: LedgerEntry[] = [];
  let sum = '';
  for (const line of lines.split('\n').slice(0, -1)) {
    const [, body = '', found] = /^(\{.*),"sum":"([0-9a-f]{16})"\}$/.exec(line) ?? [];
    const entry = `${body}}`;
    sum = sumOf(sum, entry);
    if (sum !== found) return undefined;
    entries.push(JSON.parse(entry) as LedgerEntry);
  }
  return { entries, sum, length: utf8(lines).length };
}

function sumOf(previousSum: string, text: string): string {
  return toHex(suite.sha256(utf8(previousSum + text)).subarray(0, 8));
}
