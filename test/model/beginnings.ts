import { powerUp, unowned } from '../../src/emulator/firmware/ownership/index.ts';
import { actions } from './actions.ts';
import type { Machine, Process, World } from './world.ts';

// Where the search begins.

function process(instance: number): Process {
  return {
    stoppedMs: undefined,
    instance,
    superseded: false,
    binding: undefined,
    unheard: undefined,
  };
}

function machine(key: number, processes: readonly Process[]): Machine {
  return { asleepMs: undefined, lagMs: 0, skewMs: 0, key, id: key, ticket: undefined, processes };
}

/** A new dongle on no machine; A has two programs, B has one. */
const untouched: World = {
  nowMs: 0,
  device: {
    ownership: { ...unowned, ...powerUp },
    nowMs: 0,
    storedMs: 0,
    bindings: [],
  },
  attached: [0, 0],
  isCutOff: false,
  machines: [machine(1, [process(3), process(4)]), machine(2, [process(5)])],
  snapshot: undefined,
  nextId: 10,
  observed: {
    key: undefined,
    ticket: undefined,
    lastTicket: undefined,
    machine: 0,
    heardMs: undefined,
    gaveUp: false,
    heir: undefined,
    epoch: 0,
    takeovers: [],
    attaches: [],
    attachSeen: false,
    strangers: [],
    shared: undefined,
    locked: undefined,
  },
};

/** The world after that much has happened. */
export function reach({ steps }: Beginning): World {
  return steps.reduce<World>((world, name) => {
    const next = actions.find((action) => action.name === name)?.apply(world);
    if (next === undefined) throw new Error(`${name} cannot happen`);
    return next;
  }, untouched);
}

/** Where the search begins: after these actions. */
export interface Beginning {
  readonly name: string;
  readonly steps: readonly string[];
}

const inUse = ['A gets the dongle', 'A1 binds', 'A1 uses it'];

/** A dongle that has just been made, and one that A has used. */
export const beginnings: readonly Beginning[] = [
  { name: 'new', steps: [] },
  { name: 'in use', steps: inUse },
];

/** Some of what is on the way to what rules prevent, so that a shallow search finds it. */
export const advancedBeginnings: readonly Beginning[] = [
  { name: 'shared', steps: [...inUse, 'it is shared'] },
  {
    name: 'stopped beside its clone',
    steps: [...inUse, 'A1 stops', 'it is shared', 'B becomes a clone of A'],
  },
  {
    name: 'about to be locked',
    steps: [...inUse, 'A gets the dongle', 'A1 binds', 'A gets the dongle'],
  },
];
