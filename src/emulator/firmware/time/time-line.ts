import { enumeration, field, type Infer, struct, uint } from '../../../protocol/schema/index.ts';

/** How far a system's time may run ahead of what is certain, in seconds. */
const mostAheadSeconds = 24 * 3600;

/** A system's clock that shows less was never set: no dongle is as old. 2025-01-01. */
export const earliestOffer = 1_735_689_600;

/**
 * What is known of the time of day. A moment was told once, and powered time counts on from there: a
 * dongle without power does not age, so the sum is never later than the real time. The system's time
 * may run ahead of it.
 */
export const timeLineSchema = struct({
  /** The moment, in seconds since 1970, and the powered time then. */
  time: field(1, uint({ max: 0xff_ffff_ffff })),
  atMs: field(2, uint({ max: 2 ** 48 - 1 })),
  /** Who has told it: a time key, or as long as none has, the first system that did. */
  source: field(3, enumeration({ certified: 1, offered: 2 })),
  /** How far the system's time runs ahead. */
  aheadSeconds: field(4, uint({ max: mostAheadSeconds })),
});

export type TimeLine = Infer<typeof timeLineSchema>;

/** The time by the moment told and the powered time since. */
function groundTime({ time, atMs }: TimeLine, nowMs: number): number {
  return time + Math.floor((nowMs - atMs) / 1000);
}

/** The time, with what a system has offered beyond it. */
export function timeOf(line: TimeLine, nowMs: number): number {
  return groundTime(line, nowMs) + line.aheadSeconds;
}

/**
 * Takes what a time key has signed for a nonce made at `askedMs`; undefined where that runs
 * backwards. What a system has offered is forgotten, so a clock that was set forward does no harm any
 * more.
 */
export function withCertified(
  before: TimeLine | undefined,
  time: number,
  askedMs: number,
  nowMs: number,
): TimeLine | undefined {
  const told: TimeLine = { time, atMs: nowMs, source: 'certified', aheadSeconds: 0 };
  if (before?.source !== 'certified') return told;
  // It was signed after the nonce was made. Chips count no more exactly than this.
  const driftSeconds = 60 + (askedMs - before.atMs) / 1_000_000;
  if (time < groundTime(before, askedMs) - driftSeconds) return undefined;
  return { ...told, time: Math.max(time, groundTime(before, nowMs)) };
}

/**
 * Takes the time of a system; undefined where it is too far ahead. One that is behind changes
 * nothing. As long as nothing was certified, the first offer is what the later ones are measured by.
 */
export function withOffer(
  before: TimeLine | undefined,
  time: number,
  nowMs: number,
): TimeLine | undefined {
  if (before === undefined) {
    if (time < earliestOffer) return undefined;
    return { time, atMs: nowMs, source: 'offered', aheadSeconds: 0 };
  }
  const aheadSeconds = time - groundTime(before, nowMs);
  if (aheadSeconds > mostAheadSeconds) return undefined;
  return aheadSeconds > before.aheadSeconds ? { ...before, aheadSeconds } : before;
}
