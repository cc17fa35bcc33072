import type { FaceName } from '../link.ts';
import type { Case, Step } from './case.ts';
import type { CaseRun } from './case-run.ts';
import { doChannelStep } from './channel-steps.ts';
import type { Clause } from './clauses.ts';
import { doPacketStep, expectNothing } from './packet-steps.ts';
import { doPowerStep, needsPower } from './power-steps.ts';
import { doRuntimeStep } from './runtimes.ts';
import { openSession } from './session-opening.ts';
import { doSessionStep } from './session-steps.ts';
import type { Target, UsbPort } from './target.ts';
import { doUpdateStep } from './update-steps.ts';
import { doUsbStep, needsUsbPort } from './usb-steps.ts';
import { inRound } from './values.ts';

/** What became of one case on one face. */
export interface CaseResult {
  readonly name: string;
  readonly clause: Clause;
  readonly face: FaceName;
  /** `not applicable` where the case is none for this face, or for what can be reached here. */
  readonly outcome: 'passed' | 'failed' | 'not applicable';
  /** Which step failed, and why. */
  readonly failure?: string;
}

/** How long after the last step something may still come that should not, in milliseconds. */
const afterwardsMs = 10;

/** The faces of a dongle, in the order in which cases are run on them. */
export const allFaces: readonly FaceName[] = ['hid', 'vendor'];

/** What there is besides the links of a device. */
export interface Reach {
  readonly usb?: Pick<UsbPort, 'speed'>;
  readonly power?: unknown;
  readonly licenses?: true;
  readonly updates?: true;
}

/** Whether a case applies to a face of a device, with what there is a way to. */
export function appliesTo(each: Case, face: FaceName, reach: Reach = {}): boolean {
  const { usb, power } = reach;
  const { faces, speeds, steps } = each;
  if (faces !== undefined && !faces.includes(face)) return false;
  if (power === undefined && steps.some(needsPower)) return false;
  if (each.licenses && !reach.licenses) return false;
  if (each.updates && !reach.updates) return false;
  if (usb === undefined) return speeds === undefined && !steps.some(needsUsbPort);
  return speeds === undefined || speeds.includes(usb.speed);
}

/**
 * Runs one case on one face of a device that has just been attached. Never rejects: whatever goes
 * wrong is a failure of the case.
 */
export async function runCase(target: Target, face: FaceName, each: Case): Promise<CaseResult> {
  const run: CaseRun = {
    ...{ target, face, hosts: new Map(), channels: new Map() },
    ...{ runtimes: target.runtimes ?? new Map(), saved: new Map(), sentMs: 0 },
  };
  const { name, clause } = each;
  if (!appliesTo(each, face, target)) return { name, clause, face, outcome: 'not applicable' };
  try {
    await doSteps(run, each.steps, '');
    await target.pass(afterwardsMs);
    expectNothing(run);
    expectNoFaults(run);
    return { name, clause, face, outcome: 'passed' };
  } catch (error) {
    const failure = error instanceof Error ? error.message : String(error);
    return { name, clause, face, outcome: 'failed', failure };
  } finally {
    for (const host of run.hosts.values()) await host.close().catch(() => {});
  }
}

async function doSteps(run: CaseRun, steps: readonly Step[], place: string): Promise<void> {
  for (const [i, step] of steps.entries()) {
    const here = `${place}${i + 1}`;
    try {
      await doStep(run, step, here);
      expectNoFaults(run);
    } catch (error) {
      if (step.do === 'repeat' || step.do === 'together') throw error;
      throw new Error(`step ${here} (${step.do}): ${(error as Error).message}`, { cause: error });
    }
  }
}

async function doStep(run: CaseRun, step: Step, place: string): Promise<void> {
  switch (step.do) {
    case 'repeat':
      for (let round = 0; round < step.times; round++) {
        await doSteps(run, inRound(step.steps, round + (step.from ?? 0)), `${place}[${round}].`);
      }
      return;
    case 'together':
      for (const host of run.hosts.values()) host.hold();
      await doSteps(run, step.steps, `${place}.`);
      for (const host of run.hosts.values()) host.release();
      return;
    case 'open':
    case 'name':
    case 'resync':
    case 'send':
    case 'expect':
    case 'refused':
    case 'pushed':
    case 'silence':
    case 'wait':
      return doPacketStep(run, step);
    case 'hello':
    case 'say':
    case 'hear':
      return doChannelStep(run, step);
    case 'session':
      return openSession(run, step);
    case 'runtime':
      return doRuntimeStep(run, step);
    case 'issue':
    case 'believe':
      return doUpdateStep(run, step);
    case 'unplug':
    case 'plug':
      return doPowerStep(run, step);
    case 'control':
    case 'write':
    case 'read':
    case 'reset':
      return doUsbStep(run, step);
    default:
      return doSessionStep(run, step);
  }
}

/** Throws an Error where the device has broken the packet format itself. */
function expectNoFaults(run: CaseRun): void {
  for (const { faults } of run.hosts.values()) {
    if (faults[0] !== undefined) throw new Error(faults[0]);
  }
}
