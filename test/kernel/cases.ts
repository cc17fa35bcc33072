import { allFaces, appliesTo, type Case, cases, type Step } from '../../src/conformance/index.ts';
import type { FaceName } from '../../src/link.ts';

/** What a case asks of a slow machine. */
interface Cost {
  readonly waitsMs: number;
  readonly steps: number;
  readonly makesRsaKey: boolean;
}

function costOf(steps: readonly Step[]): Cost {
  let [waitsMs, count, makesRsaKey] = [0, 0, false];
  for (const step of steps) {
    if (step.do === 'repeat' || step.do === 'together') {
      const times = step.do === 'repeat' ? step.times : 1;
      const inner = costOf(step.steps);
      waitsMs += times * inner.waitsMs;
      count += times * inner.steps;
      makesRsaKey ||= inner.makesRsaKey;
      continue;
    }
    count++;
    if (step.do === 'silence' || step.do === 'wait') waitsMs += step.ms;
    if ('afterMs' in step) waitsMs += step.afterMs ?? 0;
    if ('command' in step && step.command === 'generateKey') makesRsaKey = true;
  }
  return { waitsMs, steps: count, makesRsaKey };
}

/** Their steps have to follow each other faster than they do in the guest. */
const tooTight: readonly string[] = ['busy-across-faces', 'init-elsewhere-in-mid-message'];

/** Cases of these are about several runtimes, which need a dongle that nobody owns. */
const contracts = /^(binding|lockout|sharing)\//;

/**
 * Whether a case is one for the guest: it neither measures the device's own timing, nor makes it
 * compute for seconds, nor needs a new dongle. Those that do are run in virtual time, which tells as
 * much about them; what two runtimes do to each other on real kernels is in duel.test.ts.
 */
function isForGuest({ name, clause, steps }: Case): boolean {
  if (contracts.test(clause)) return false;
  const { waitsMs, steps: count, makesRsaKey } = costOf(steps);
  return waitsMs <= 100 && count <= 300 && !makesRsaKey && !tooTight.includes(name);
}

/** The cases that the guest runs on a face. */
export function guestCases(face: FaceName): Case[] {
  return cases.filter((each) => appliesTo(each, face) && isForGuest(each));
}

/** Whether a case opens another face besides its own. */
export function usesBothFaces({ steps }: Pick<Case, 'steps'>): boolean {
  return steps.some(
    (step) =>
      (step.do === 'open' && step.face === 'other') ||
      ((step.do === 'repeat' || step.do === 'together') && usesBothFaces(step)),
  );
}

/** Sessions, and attempts at one, that a case leaves behind in a dongle. */
export function sessionsOf({ steps }: Pick<Case, 'steps'>): number {
  let sessions = 0;
  for (const step of steps) {
    if (step.do === 'session' || step.do === 'hello') sessions++;
    if (step.do === 'together') sessions += sessionsOf(step);
    if (step.do === 'repeat') sessions += step.times * sessionsOf(step);
  }
  return sessions;
}

/** What a case on a face is called among the checks. */
export function caseCheck(face: FaceName, name: string): string {
  return `by ${face}: ${name}`;
}

/** The checks that all cases on all faces are. */
export const caseChecks: readonly string[] = allFaces.flatMap((face) =>
  guestCases(face).map(({ name }) => caseCheck(face, name)),
);
