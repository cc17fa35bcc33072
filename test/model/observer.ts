import type { BindStep } from '../../src/emulator/firmware/ownership/index.ts';
import { Violation } from './violation.ts';
import { type Observed, rules, type World } from './world.ts';

// The properties of the dongle's decisions, judged by what anybody could have seen: who was bound
// when, and who was heard. It knows nothing of how the dongle decides.

/** A host that asks for the dongle. */
export interface Applicant {
  readonly key: number;
  readonly machine: number;
  readonly ticket: number | undefined;
  readonly wallMs: number;
}

/** Judges what became of a claim, and remembers it. `nextTicket` is what the host got, if it did. */
export function observeClaim(
  { observed, device }: World,
  applicant: Applicant,
  step: BindStep,
  nextTicket: number,
): Observed {
  const { nowMs } = device;
  const rightful = isRightful(observed, applicant);
  const { key, untilMs } = observed.heir ?? { key: undefined, untilMs: 0 };
  const isHeir = key === applicant.key && nowMs < untilMs;
  const isAlive =
    observed.heardMs !== undefined && !observed.gaveUp && nowMs < observed.heardMs + rules.leaseMs;
  const isTakeover = !rightful && !isHeir && observed.key !== undefined;
  const counted: Observed = {
    ...observed,
    takeovers: isTakeover
      ? [...observed.takeovers, { atMs: nowMs, gaveUp: observed.gaveUp }]
      : observed.takeovers,
    attaches: attachesWith(observed, { atMs: nowMs, wallMs: applicant.wallMs }, rightful),
    attachSeen: true,
  };
  const isTooMuch = areTooMany(counted, nowMs);

  if (step.kind === 'bound') {
    const { epoch } = step.state.binding;
    const { locked, shared } = observed;
    if (locked !== undefined && locked.poweredMs < rules.lockoutMs)
      throw new Violation('a lockout lasts its powered time');
    if (shared !== undefined && shared.poweredMs < rules.sharedMs)
      throw new Violation('a shared dongle is for nobody');
    if (isAlive && !rightful && !isHeir)
      throw new Violation('nobody takes the dongle from an owner who is alive');
    if (epoch <= observed.epoch) throw new Violation('the epoch grows');
    const { predecessor } = step;
    if (!rightful && (predecessor === 'same' || predecessor === 'superseded'))
      throw new Violation('only the latest ticket continues a lineage');
    if (isTooMuch) throw new Violation('changing hands too often locks');
    return {
      ...counted,
      key: applicant.key,
      machine: applicant.machine,
      ticket: nextTicket,
      lastTicket: rightful ? applicant.ticket : undefined,
      heardMs: nowMs,
      gaveUp: false,
      heir: undefined,
      epoch,
      shared: undefined,
      locked: undefined,
    };
  }
  if (step.refusal === 'lockedOut') {
    if (step.endsSessions) {
      if (!isTooMuch) throw new Violation('normal life does not lock');
      const locked = { poweredMs: 0, cuts: 0 };
      return {
        ...observed,
        takeovers: [],
        attaches: [],
        locked,
        heardMs: undefined,
        heir: undefined,
      };
    }
    const { locked } = observed;
    if (locked === undefined || locked.poweredMs > rules.lockoutMs + 1000 * (1 + locked.cuts))
      throw new Violation('a lockout ends');
    return observed;
  }
  if (step.refusal === 'shared' && !step.endsSessions) {
    if (observed.shared === undefined || observed.shared.poweredMs >= rules.sharedMs)
      throw new Violation('sharing ends with the power, or in time');
    return observed;
  }
  if (rightful) throw new Violation('the rightful owner is not refused');
  if (!isAlive) throw new Violation('a dongle that nobody has is for everybody');
  if (isHeir) throw new Violation('the owner says who may have the dongle');
  const strangers =
    applicant.machine === observed.machine
      ? observed.strangers
      : [...observed.strangers, nowMs].filter((atMs) => nowMs - atMs <= rules.strangers.withinMs);
  const isShared = strangers.length >= rules.strangers.count;
  if (isShared !== (step.refusal === 'shared'))
    throw new Violation('tries by other machines, and only these, mean sharing');
  if (!isShared) return { ...observed, strangers };
  return { ...observed, strangers: [], shared: { poweredMs: 0 }, heardMs: undefined };
}

function isRightful(observed: Observed, { key, ticket }: Applicant): boolean {
  return (
    key === observed.key &&
    ticket !== undefined &&
    (ticket === observed.ticket || ticket === observed.lastTicket)
  );
}

function attachesWith(
  { attaches, attachSeen }: Observed,
  attach: Observed['attaches'][number],
  rightful: boolean,
): Observed['attaches'] {
  const before = rightful ? attaches : [];
  return attachSeen ? before : [...before, attach].slice(-rules.attaches.count);
}

function areTooMany({ takeovers, attaches }: Observed, nowMs: number): boolean {
  const within = (ms: number) => takeovers.filter(({ atMs }) => nowMs - atMs <= ms);
  const areWithin = (times: readonly number[], ms: number) =>
    Math.max(...times) - Math.min(...times) <= ms;
  return (
    within(rules.takeovers.withinMs).filter(({ gaveUp }) => !gaveUp).length >=
      rules.takeovers.count ||
    within(rules.allTakeovers.withinMs).length >= rules.allTakeovers.count ||
    (attaches.length === rules.attaches.count &&
      areWithin(
        attaches.map(({ atMs }) => atMs),
        rules.attaches.withinMs,
      ) &&
      areWithin(
        attaches.map(({ wallMs }) => wallMs),
        rules.attaches.withinMs,
      ))
  );
}
