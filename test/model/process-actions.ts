import { connect, goOn, handOverTo, isRunning, reaches, use, useSessions } from './host.ts';
import { idOf } from './names.ts';
import { changeProcess, machineOf, type Process, processOf, type World } from './world.ts';

/** Something that may happen. */
export interface Action {
  readonly name: string;
  /** The world after it, or undefined where it cannot happen or changes nothing. */
  apply(world: World): World | undefined;
}

/**
 * A program that stands still for longer may lose what is pushed to it, as a system's buffers hold
 * only so much; so may a machine that sleeps, as its buses sleep too.
 */
export const deafAfterMs = { stop: 3_500, sleep: 1_000 } as const;

/** A process that has just been started. */
export const fresh = (instance: number): Process => ({
  stoppedMs: undefined,
  instance,
  superseded: false,
  binding: undefined,
  unheard: undefined,
});

/** What a process may do, or what may be done to it. */
export function processActions(machine: number, process: number): Action[] {
  const who = `${'AB'[machine]}${process + 1}`;
  const other = 1 - machine;
  const whenBound = (step: (world: World) => World) => (world: World) =>
    reaches(world, machine, process) && processOf(world, machine, process).binding !== undefined
      ? step(world)
      : undefined;
  const connecting = (heard: boolean) => (world: World) => {
    const { binding, superseded } = processOf(world, machine, process);
    const can = reaches(world, machine, process) && binding === undefined && !superseded;
    return can ? connect(world, machine, process, heard) : undefined;
  };
  return [
    { name: `${who} binds`, apply: connecting(true) },
    { name: `${who} binds and does not hear it`, apply: connecting(false) },
    { name: `${who} uses it`, apply: whenBound((world) => use(world, machine, process)) },
    { name: `${who} ends`, apply: whenBound((world) => useSessions(world, machine, process, -1)) },
    {
      name: `${who} invites`,
      apply: whenBound((world) =>
        processOf(world, machine, process).binding?.sessions === 1
          ? useSessions(world, machine, process, 1)
          : world,
      ),
    },
    {
      name: `${who} hands over`,
      apply: whenBound((world) => handOverTo(world, machine, process, machineOf(world, other).key)),
    },
    {
      name: `${who} stops`,
      apply: (world) =>
        isRunning(world, machine, process) &&
        processOf(world, machine, process).binding !== undefined
          ? changeProcess(world, machine, process, { stoppedMs: world.nowMs })
          : undefined,
    },
    { name: `${who} goes on`, apply: (world) => continued(world, machine, process, false) },
    { name: `${who} goes on, deaf`, apply: (world) => continued(world, machine, process, true) },
    {
      name: `${who} restarts`,
      apply: (world) =>
        isUsed(world, machine, process)
          ? changeProcess(
              { ...world, nextId: world.nextId + 1 },
              machine,
              process,
              fresh(world.nextId),
            )
          : undefined,
    },
  ];
}

function continued(
  world: World,
  machine: number,
  process: number,
  deaf: boolean,
): World | undefined {
  const { stoppedMs } = processOf(world, machine, process);
  if (stoppedMs === undefined) return undefined;
  if (deaf && world.nowMs - stoppedMs < deafAfterMs.stop) return undefined;
  const running = changeProcess(world, machine, process, { stoppedMs: undefined });
  // On a machine that sleeps it still cannot.
  if (machineOf(world, machine).asleepMs !== undefined) return running;
  return goOn(running, machine, process, deaf);
}

/** Whether a process differs from one that has just been started. */
function isUsed(world: World, machine: number, process: number): boolean {
  const { binding, superseded, stoppedMs, instance } = processOf(world, machine, process);
  const owner = world.device.ownership.binding?.instance;
  const isOwner = owner !== undefined && idOf(owner) === instance;
  return binding !== undefined || superseded || stoppedMs !== undefined || isOwner;
}
