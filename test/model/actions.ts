import { cutPower, resetBus } from './dongle.ts';
import { dropVoid, goOn, isRunning, seeDetached } from './host.ts';
import { type Action, deafAfterMs, fresh, processActions } from './process-actions.ts';
import { wait } from './time.ts';
import {
  changeMachine,
  hasPower,
  type Image,
  imageOf,
  machineOf,
  type World,
  waitsMs,
} from './world.ts';

function setClock(world: World, machine: number): World {
  const { skewMs, processes, asleepMs } = machineOf(world, machine);
  let set = changeMachine(world, machine, { skewMs: skewMs + 3_600_000 });
  for (const process of asleepMs === undefined ? processes.keys() : []) {
    if (isRunning(set, machine, process)) set = dropVoid(set, machine, process);
  }
  return set;
}

/** Whether a machine has a process that believes to be bound; only then do its clocks matter. */
function isBound(world: World, machine: number): boolean {
  return machineOf(world, machine).processes.some(({ binding }) => binding !== undefined);
}

/** What may happen to a machine. */
function machineActions(machine: number): Action[] {
  const who = 'AB'[machine] as string;
  const waking = (deaf: boolean) => (world: World) => {
    const { asleepMs, lagMs, processes } = machineOf(world, machine);
    if (asleepMs === undefined) return undefined;
    if (deaf && world.nowMs - asleepMs < deafAfterMs.sleep) return undefined;
    let awake = changeMachine(world, machine, {
      asleepMs: undefined,
      lagMs: lagMs + world.nowMs - asleepMs,
    });
    for (const [process, { stoppedMs }] of processes.entries()) {
      if (stoppedMs === undefined) awake = goOn(awake, machine, process, deaf);
    }
    return awake;
  };
  return [
    {
      name: `${who} sleeps`,
      apply: (world) =>
        machineOf(world, machine).asleepMs === undefined && isBound(world, machine)
          ? changeMachine(world, machine, { asleepMs: world.nowMs })
          : undefined,
    },
    { name: `${who} wakes`, apply: waking(false) },
    { name: `${who} wakes, deaf`, apply: waking(true) },
    {
      name: `${who}'s clock is set`,
      apply: (world) => (isBound(world, machine) ? setClock(world, machine) : undefined),
    },
    {
      name: `${who} gets the dongle`,
      apply: (world) => plug(world, [machine === 0, machine === 1]),
    },
  ];
}

/** The dongle is pulled out, and plugged in where `attached` says. */
function plug(world: World, where: readonly boolean[]): World {
  return renewed(cutPower(world), where);
}

/** The dongle comes anew to the machines that have it now. */
function renewed(world: World, where: readonly boolean[]): World {
  const { nextId } = world;
  const attached = where.map((here) => (here ? nextId : 0));
  return seeDetached({ ...world, attached, isCutOff: false, nextId: nextId + 1 });
}

/** Whether more than one machine has the dongle. */
const isShared = ({ attached }: World) => !attached.includes(0);

const areClones = ({ machines }: World) => machines[0]?.key === machines[1]?.key;

const here = ({ attached }: World) => attached.map((attachment) => attachment !== 0);

/** A machine becomes a copy: its devices come anew to it, its processes go on in the copied state. */
function restore(world: World, machine: number, image: Image): World {
  const { key, id, ticket, instances } = image;
  const processes = machineOf(world, machine).processes.map((each, i) =>
    fresh(instances[i] ?? each.instance),
  );
  const restored = changeMachine(world, machine, {
    key,
    id,
    ticket,
    processes,
    asleepMs: undefined,
  });
  if (world.attached[machine] === 0) return restored;
  const { nextId } = world;
  const attached = world.attached.map((each, i) => (i === machine ? nextId : each));
  return { ...restored, attached, nextId: nextId + 1 };
}

const elsewhere: readonly Action[] = [
  {
    name: 'the dongle is unplugged',
    apply: (world) => (hasPower(world) ? plug(world, [false, false]) : undefined),
  },
  {
    name: 'its power fails for a moment',
    apply: (world) => (isShared(world) ? plug(world, here(world)) : undefined),
  },
  {
    name: 'the bus is reset',
    apply: (world) => (hasPower(world) ? renewed(resetBus(world), here(world)) : undefined),
  },
  {
    name: 'it is shared',
    apply: (world) =>
      hasPower(world) && !isShared(world)
        ? {
            ...world,
            attached: world.attached.map((each) => each || world.nextId),
            nextId: world.nextId + 1,
          }
        : undefined,
  },
  {
    // Not promised is what follows when the other machine is a clone: its ticket is as good as A's,
    // so that it need not wait for A's lease, and nobody can tell A.
    name: 'A is cut off',
    apply: (world) =>
      isShared(world) && isBound(world, 0) && !areClones(world)
        ? { ...world, isCutOff: true }
        : undefined,
  },
  {
    name: 'A is set back to its snapshot',
    apply: (world) => world.snapshot && restore(world, 0, world.snapshot),
  },
  {
    name: 'B becomes a clone of A',
    apply: (world) =>
      world.isCutOff ? undefined : restore(world, 1, imageOf(machineOf(world, 0))),
  },
  {
    name: 'B becomes a clone of the snapshot',
    apply: (world) =>
      world.isCutOff ? undefined : world.snapshot && restore(world, 1, world.snapshot),
  },
  ...waitsMs.map((ms) => ({
    name: `${ms / 1000} s pass`,
    apply: (world: World) => wait(world, ms),
  })),
];

/** All that may happen. */
export const actions: readonly Action[] = [
  ...processActions(0, 0),
  ...processActions(0, 1).filter(({ name }) => /binds$|uses|ends/.test(name)),
  ...processActions(1, 0),
  ...machineActions(0),
  ...machineActions(1),
  ...elsewhere,
];
