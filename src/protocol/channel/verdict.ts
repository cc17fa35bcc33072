import type { Outcome } from '../../errors.ts';
import {
  bytes,
  decode,
  encode,
  enumeration,
  field,
  type Infer,
  optional,
  type Schema,
  struct,
  uint,
} from '../schema/index.ts';
import { ticketBytes } from './claim.ts';

/** What the first record of the dongle, right after the handshake, tells the host. */
export const verdictSchema = struct({
  outcome: field(1, enumeration({ accepted: 0, boundElsewhere: 1, lockedOut: 2, shared: 3 })),
  /** Longest plaintext of a record on this channel, in bytes, both ways. When accepted. */
  largestPlaintext: optional(2, uint({ max: 65_535 })),
  /** Number of the binding, which grows with each. When accepted. */
  epoch: optional(3, uint({ max: 0xffff_ffff })),
  /** How long the dongle waits for a record before others may have it. When accepted. */
  leaseMs: optional(4, uint({ max: 0xffff_ffff })),
  /** For the next binding; to be kept before the first request. With a new binding. */
  ticket: optional(5, bytes({ length: ticketBytes })),
  /** How long this lasts if nothing happens. When refused. */
  waitMs: optional(6, uint({ max: 0xffff_ffff })),
});

/** The session is open. */
export interface Acceptance {
  readonly outcome: 'accepted';
  readonly largestPlaintext: number;
  readonly epoch: number;
  readonly leaseMs: number;
  /** Undefined for a session that was opened by an invitation. */
  readonly ticket: Uint8Array | undefined;
}

/** There is no session. */
export interface Refusal {
  readonly outcome: Exclude<Infer<typeof verdictSchema>['outcome'], 'accepted'>;
  readonly waitMs: number;
}

/** The dongle's word on a new session. */
export type Verdict = Acceptance | Refusal;

/** The verdict's bytes. */
export function encodeVerdict(verdict: Verdict): Uint8Array {
  // A ticket that is missing and one that is undefined are the same to the schema layer.
  return encode(verdictSchema as Schema<Verdict>, verdict);
}

/** Reads a verdict; one that lacks what its outcome needs is none. */
export function decodeVerdict(bytes: Uint8Array): Outcome<Verdict, 'PROTOCOL'> {
  const decoded = decode(verdictSchema, bytes);
  if (!decoded.ok) return { ok: false, code: 'PROTOCOL', detail: decoded.detail };
  const { outcome, largestPlaintext, epoch, leaseMs, ticket, waitMs } = decoded.value;
  if (outcome !== 'accepted') {
    return waitMs === undefined ? incomplete : { ok: true, value: { outcome, waitMs } };
  }
  if (largestPlaintext === undefined || epoch === undefined || leaseMs === undefined)
    return incomplete;
  return { ok: true, value: { outcome, largestPlaintext, epoch, leaseMs, ticket } };
}

const incomplete = { ok: false, code: 'PROTOCOL', detail: 'the verdict lacks a field' } as const;
