import { equalBytes } from '../../../bytes.ts';
import type { CommandFailure, Reach } from '../../../protocol/commands/index.ts';
import type { License } from '../../../protocol/licenses/index.ts';
import type { Entry, LicenseUse } from './record.ts';

/** What a program asks of a license, besides units. */
export interface Question {
  /** Features that must all be there, a bit each. */
  readonly features?: number | undefined;
  /** When the program's version was released. */
  readonly released?: number | undefined;
}

/** Under what a license is asked. */
export interface Circumstances {
  /** Seconds since 1970; undefined where the dongle does not know. */
  readonly now: number | undefined;
  /** Ids of the machine of the runtime that has the dongle; none where that is unknown. */
  readonly machine: readonly Uint8Array[];
  readonly reach: Reach;
}

export type LicenseRefusal = Extract<CommandFailure, `LICENSE_${string}`>;

/** What becomes of a question. */
export interface Judgement {
  /** Why the license is not valid; undefined where it is. */
  readonly refusal: LicenseRefusal | undefined;
  /** The moment that has passed, on which this relies. */
  readonly since: number | undefined;
}

const never = Number.POSITIVE_INFINITY;

const valid: Judgement = { refusal: undefined, since: undefined };

/** Whether a license is valid. A decoy is wherever the license itself once could have been. */
export function judge(entry: Entry, question: Question, circumstances: Circumstances): Judgement {
  const { license, state } = entry;
  if (state === 'blocked') return invalid('LICENSE_BLOCKED');
  if (!covers(license, question)) return invalid('LICENSE_FEATURE');
  if (state === 'decoy') return valid;
  if (!isAtHome(entry, circumstances)) return invalid('LICENSE_ELSEWHERE');
  return judgeTime(entry, circumstances.now);
}

/** The first moment at which a license is not valid any more; undefined where that never comes. */
export function expiryOf({ license, use }: Entry, now: number | undefined): number | undefined {
  const { expiry = never, usagePeriod = never, checkpoint } = license;
  const periodEnd = (use.firstUse ?? now ?? never) + usagePeriod;
  const end = Math.min(expiry, periodEnd, checkpoint?.until ?? never);
  return end === never ? undefined : end;
}

/** Units that are left, or seem to be; undefined where they are not limited. */
export function unitsLeft(entry: Entry): number | undefined {
  const { units } = entry.license;
  if (units === undefined) return undefined;
  const used = seemingUnits(entry);
  // A lure is never used up: it looks as if its vendor had filled it again.
  return entry.state === 'decoy' ? units - (used % (units + 1)) : Math.max(0, units - used);
}

/** Units that are used; of a decoy, those that seem to be. */
export function seemingUnits({ state, use, usedUnits }: Entry): number {
  return state === 'decoy' ? usedUnits + (use.decoyUnits ?? 0) : usedUnits;
}

/** Days until a checkpoint, whole ones, once they are no more than its threshold. */
export function renewWithinDays({ license }: Entry, now: number | undefined): number | undefined {
  if (license.checkpoint === undefined || now === undefined) return undefined;
  const { until, thresholdDays } = license.checkpoint;
  const days = Math.max(0, Math.floor((until - now) / 86_400));
  return days <= thresholdDays ? days : undefined;
}

/** A valid license's use, once it has been used now; the same object where nothing changes. */
export function useOnce(
  { license, state, use }: Entry,
  { now, machine }: Circumstances,
): LicenseUse {
  if (state === 'decoy')
    return { ...use, decoyUses: Math.min((use.decoyUses ?? 0) + 1, 0xffff_ffff) };
  const begins = license.usagePeriod !== undefined && use.firstUse === undefined;
  const binds = license.machine?.length === 0 && use.machine === undefined;
  if (!begins && !binds) return use;
  return {
    ...use,
    ...(begins && now !== undefined && { firstUse: now }),
    ...(binds && { machine }),
  };
}

function invalid(refusal: LicenseRefusal, since?: number): Judgement {
  return { refusal, since };
}

function covers({ features = 0, maintenance }: License, question: Question): boolean {
  const missing = (question.features ?? 0) & ~features;
  if (missing !== 0) return false;
  const { released } = question;
  if (released === undefined || maintenance === undefined) return true;
  return released >= maintenance.from && released < maintenance.until;
}

/** Whether this is where the license may be used. */
function isAtHome({ license, use }: Entry, { machine, reach }: Circumstances): boolean {
  if (license.localOnly && reach !== 'local') return false;
  if (license.machine === undefined) return true;
  // A machine that is not known is no machine that a license could be for.
  if (machine.length === 0) return false;
  const home = license.machine.length > 0 ? license.machine : use.machine;
  return home === undefined || home.some((id) => machine.some((other) => equalBytes(id, other)));
}

function judgeTime(entry: Entry, now: number | undefined): Judgement {
  const { activation, expiry, usagePeriod, checkpoint } = entry.license;
  if ((activation ?? expiry ?? usagePeriod ?? checkpoint) === undefined) return valid;
  if (now === undefined) return invalid('LICENSE_NOT_YET');
  if (activation !== undefined && now < activation) return invalid('LICENSE_NOT_YET');
  const end = expiryOf(entry, now);
  if (end !== undefined && now >= end) return invalid('LICENSE_EXPIRED', end);
  return { refusal: undefined, since: activation };
}
