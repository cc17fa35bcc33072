// The host's own count of how long it may say that it has the dongle. It is always shorter than the
// dongle's: counted from when a record was sent, not from when it came, and only 80 % of it.

import type { HostClock } from '../clock.ts';

/** How far apart the two clocks of a machine may run before one of them must have stood still. */
const disagreementMs = 1000;
/** How late this program may be with its next record before it must have stood still. */
const overdueMs = 1000;

/** A time by both clocks of a machine: the monotonic one, and that which people set. */
export interface Moment {
  readonly atMs: number;
  readonly wallMs: number;
}

/** Now, by both clocks. */
export function momentOf(clock: HostClock): Moment {
  return { atMs: clock.now(), wallMs: clock.wall() };
}

/** What the host knows of its binding. Times are on its monotonic clock, in milliseconds. */
export interface Lease {
  /** How long one answered record is good for. */
  readonly durationMs: number;
  /** How often the owner shows that it lives, unless it has something else to say. */
  readonly beatMs: number;
  /** When the last record that has been answered was sent, by both clocks. */
  readonly answered: Moment;
  /** When a record was sent last, of those that count. */
  readonly sentMs: number;
}

/**
 * Where a lease stands: it is held; or it is not for now, as no answer came (`expired`) or as this
 * program stood still (`stalled`), until the next answer; or the machine stood still, and who knows
 * where the dongle has been (`void`), until the next binding.
 */
export type LeaseState = 'held' | 'expired' | 'stalled' | 'void';

/** The lease of a binding that was claimed then. `leaseMs` is what the dongle gives. */
export function beginLease(leaseMs: number, claimed: Moment): Lease {
  return {
    durationMs: leaseMs * 0.8,
    beatMs: leaseMs / 4,
    answered: claimed,
    sentMs: claimed.atMs,
  };
}

/** Where the lease stands now. */
export function leaseState(lease: Lease, nowMs: number, wallMs: number): LeaseState {
  const { answered, durationMs, beatMs, sentMs } = lease;
  const passedMs = nowMs - answered.atMs;
  if (Math.abs(wallMs - answered.wallMs - passedMs) > disagreementMs) return 'void';
  if (passedMs >= durationMs) return 'expired';
  return nowMs - sentMs > beatMs + overdueMs ? 'stalled' : 'held';
}

/**
 * The lease when a record is sent. After a stall that alone proves nothing, as what the dongle has
 * said meanwhile may still wait to be read: the answer does, which comes behind it.
 */
export function recordSent(lease: Lease, { atMs, wallMs }: Moment): Lease {
  return leaseState(lease, atMs, wallMs) === 'held' ? { ...lease, sentMs: atMs } : lease;
}

/**
 * The lease when the answer has come to a record that was first sent then. Whether it is `void` is
 * to be asked before.
 */
export function recordAnswered(lease: Lease, sent: Moment): Lease {
  return { ...lease, answered: sent, sentMs: Math.max(lease.sentMs, sent.atMs) };
}
