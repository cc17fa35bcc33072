import { beginLease, leaseState, recordAnswered, recordSent } from '../../src/client/lease.ts';
import { changeSessions, claim, nameHeir, sessionOf, takeRecord } from './dongle.ts';
import { hear } from './pushes.ts';
import { Violation } from './violation.ts';
import {
  changeMachine,
  changeProcess,
  type HostBinding,
  imageOf,
  machineOf,
  monotonicMs,
  processOf,
  rules,
  type World,
  wallMs,
} from './world.ts';

// What a host does: the rules of a session around the real lease.

/** Whether the API of a process says that it has the dongle. */
function isLicensed(world: World, machine: number, process: number): boolean {
  const host = machineOf(world, machine);
  const { binding, stoppedMs } = processOf(world, machine, process);
  // A machine or program that stands still does not answer.
  if (binding === undefined || stoppedMs !== undefined || host.asleepMs !== undefined) return false;
  return leaseState(binding.lease, monotonicMs(world, host), wallMs(world, host)) === 'held';
}

/** The property that all this is for. */
export function checkOneOwner(world: World): World {
  const licensed = world.machines.map(({ processes }, machine) =>
    processes.some((_, process) => isLicensed(world, machine, process)),
  );
  if (licensed.filter(Boolean).length > 1) throw new Violation('one machine at most is licensed');
  return world;
}

/** Whether a process can do anything now. */
export function isRunning(world: World, machine: number, process: number): boolean {
  const { stoppedMs } = processOf(world, machine, process);
  return stoppedMs === undefined && machineOf(world, machine).asleepMs === undefined;
}

/** Whether what a process sends reaches the dongle now. */
export function reaches(world: World, machine: number, process: number): boolean {
  const isCutOff = world.isCutOff && machine === 0;
  return world.attached[machine] !== 0 && !isCutOff && isRunning(world, machine, process);
}

/** A process asks for the dongle; `heard` is whether the answer reaches it. */
export function connect(world: World, machine: number, process: number, heard: boolean): World {
  const host = machineOf(world, machine);
  const now = { atMs: monotonicMs(world, host), wallMs: wallMs(world, host) };
  const lease = beginLease(rules.leaseMs, now);
  const { world: claimed, step, ticket } = claim(world, machine, process);
  if (step.kind !== 'bound' || !heard) return claimed;
  const attachment = claimed.attached[machine] as number;
  const binding = { epoch: step.state.binding.epoch, lease, attachment, sessions: 1 };
  const snapshot = machine === 0 ? imageOf(host) : claimed.snapshot;
  const kept = changeMachine({ ...claimed, snapshot }, machine, { ticket });
  return changeProcess(kept, machine, process, { binding, unheard: undefined });
}

/** A process sends a record of its session, and `then` is what the dongle does with it. */
export function use(
  world: World,
  machine: number,
  process: number,
  then: (world: World, host: HostBinding) => World = (taken) => taken,
): World {
  const settled = dropVoid(world, machine, process);
  const { binding } = processOf(settled, machine, process);
  if (binding === undefined) return settled;
  const host = machineOf(settled, machine);
  const atMs = monotonicMs(settled, host);
  const sending = { atMs, wallMs: wallMs(settled, host) };
  const lease = recordSent(binding.lease, sending);
  const sent = changeProcess(settled, machine, process, { binding: { ...binding, lease } });
  // Its API may be asked while the answer is under way.
  checkOneOwner(sent);
  if (!reaches(sent, machine, process)) return sent;
  if (sessionOf(sent, machine, process, binding) === undefined)
    return hear(sent, machine, process, 'noSession');
  const taken = takeRecord(sent);
  const answered = changeProcess(taken, machine, process, {
    binding: { ...binding, lease: recordAnswered(lease, sending) },
  });
  return then(answered, binding);
}

/** One more session, or END of one. */
export function useSessions(world: World, machine: number, process: number, by: 1 | -1): World {
  return use(world, machine, process, (taken, host) => {
    const session = sessionOf(taken, machine, process, host);
    const { binding } = processOf(taken, machine, process);
    if (session === undefined || binding === undefined) return taken;
    const sessions = binding.sessions + by;
    const changed = changeProcess(taken, machine, process, {
      binding: sessions === 0 ? undefined : { ...binding, sessions },
    });
    return changeSessions(changed, session, by);
  });
}

/** HANDOVER to the runtime with that key; the host then lets its session go. */
export function handOverTo(world: World, machine: number, process: number, key: number): World {
  return use(world, machine, process, (taken) =>
    changeProcess(nameHeir(taken, key), machine, process, { binding: undefined }),
  );
}

/** When a process sends its next record by itself, on true time. */
export function nextBeatMs(world: World, machine: number, process: number): number {
  const { binding } = processOf(world, machine, process);
  if (binding === undefined || !isRunning(world, machine, process)) return Number.POSITIVE_INFINITY;
  const { sentMs, beatMs } = binding.lease;
  return sentMs + beatMs + machineOf(world, machine).lagMs;
}

/** A binding whose lease is void is over. */
export function dropVoid(world: World, machine: number, process: number): World {
  const host = machineOf(world, machine);
  const { binding } = processOf(world, machine, process);
  if (binding === undefined) return world;
  const state = leaseState(binding.lease, monotonicMs(world, host), wallMs(world, host));
  return state === 'void' ? changeProcess(world, machine, process, { binding: undefined }) : world;
}

/** Hosts that can see it find that the dongle they had open has gone. */
export function seeDetached(world: World): World {
  let seen = world;
  for (const [machine, { processes, asleepMs }] of world.machines.entries()) {
    for (const [process, { stoppedMs }] of processes.entries()) {
      if (asleepMs === undefined && stoppedMs === undefined)
        seen = dropDetached(seen, machine, process);
    }
  }
  return seen;
}

function dropDetached(world: World, machine: number, process: number): World {
  const { binding } = processOf(world, machine, process);
  return binding === undefined || binding.attachment === world.attached[machine]
    ? world
    : changeProcess(world, machine, process, { binding: undefined });
}

/**
 * A process goes on after it, or its machine, stood still, and deals with what happened meanwhile.
 * `deaf` loses what the dongle pushed: the buffers of a system hold only so much.
 */
export function goOn(world: World, machine: number, process: number, deaf: boolean): World {
  const { unheard } = processOf(world, machine, process);
  const told =
    unheard !== undefined && !deaf
      ? hear(world, machine, process, unheard)
      : changeProcess(world, machine, process, { unheard: undefined });
  return dropVoid(dropDetached(told, machine, process), machine, process);
}
