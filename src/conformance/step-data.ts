import type { ErrorCode } from '../errors.ts';

// What steps of cases are made of.

/** A byte string. */
export type Bytes =
  /** Hexadecimal; spaces do not count. */
  | { readonly hex: string }
  /** A pattern of this length that `seed` (0 unless given) chooses. */
  | { readonly bytes: number; readonly seed?: number }
  /** The pattern as long as a message of the face, or a record's plaintext, can be, less `less`. */
  | { readonly largest: true; readonly less?: number }
  /** What an earlier step saved, or a part of it, altered or not. */
  | {
      readonly saved: string;
      readonly slice?: readonly [from: number, to: number];
      readonly flip?: number | '#';
    };

/** A field of a request: a number, a name of an enumeration, bytes, or a map of fields. */
export type Value = number | string | Bytes | { readonly fields: Readonly<Record<string, Value>> };

/** What a field or payload has to be. */
export type Expected =
  | Value
  /** Hexadecimal, where a point stands for any digit. */
  | { readonly pattern: string }
  | { readonly length: number }
  /** A number above the one that an earlier step saved. */
  | { readonly above: string }
  | { readonly absent: true }
  /** A number in this range. */
  | { readonly from: number; readonly to: number }
  /** Anything but what an earlier step saved. */
  | { readonly unlike: string }
  /** The USB string descriptor of a text that an earlier step saved. */
  | { readonly text: string };

/** When an answer has to come, counted from the last packet sent on its channel. */
export interface Timing {
  /** 0 unless given. */
  readonly afterMs?: number;
  /** 1,000 unless given. The target's tolerance is added. */
  readonly withinMs?: number;
}

/** How bytes are altered on their way; the genuine ones stay known to the runner. */
export interface Tampering {
  /** Index of a byte to alter; `'#'` within `repeat` for its round, counted from 0. */
  readonly flip?: number | '#';
  /** Bytes taken off the end. */
  readonly cut?: number;
  /** Zero bytes put behind the end. */
  readonly append?: number;
  /** All bytes become 0. */
  readonly zeros?: true;
}

/** A request of a session: fields of a command, or a whole plaintext for one no host would send. */
export type Request =
  | { readonly command: string; readonly fields?: Readonly<Record<string, Value>> }
  | { readonly plaintext: Bytes };

/** What a reply has to be: a success with this result, a refusal, or a whole plaintext. */
export interface ReplyExpectation extends Timing {
  readonly result?: Readonly<Record<string, Expected>>;
  readonly error?: ErrorCode;
  readonly replyBytes?: Expected;
  /** Names under which fields of the result are kept. */
  readonly save?: Readonly<Record<string, string>>;
  /** The sealed bytes are the same as those of the reply before. */
  readonly again?: true;
  /** There are KEEPALIVEs before it, each so many milliseconds after the one before. */
  readonly keepaliveMs?: readonly [min: number, max: number];
}

/** What message 3 says instead of what the runtime would say: that comes by the ticket it keeps. */
export interface ClaimChange {
  readonly ticket?: Bytes | 'kept' | 'none';
  readonly invitation?: Bytes;
}

/** What the dongle says of a claim: it is accepted, with this, or refused. */
export interface VerdictExpectation extends Timing {
  readonly result?: Readonly<Record<string, Expected>>;
  /** Names under which fields of the verdict are kept. */
  readonly save?: Readonly<Record<string, string>>;
  readonly refusal?: 'boundElsewhere' | 'lockedOut' | 'shared';
  /** How long the refusal lasts, as the dongle says. */
  readonly waitMs?: readonly [min: number, max: number];
}
