import type { Lease } from '../../src/client/lease.ts';
import type { Ownership, Rules } from '../../src/emulator/firmware/ownership/index.ts';

// The states that the search walks through: two machines with their processes, one dongle, and what
// lies between them. Everything is immutable; whatever names a thing is a small number.

/** The dongle's thresholds: the lease is the real one, counts are low, so that limits lie near. */
export const rules: Rules = {
  leaseMs: 10_000,
  handoverMs: 15_000,
  takeovers: { count: 2, withinMs: 20_000 },
  allTakeovers: { count: 3, withinMs: 60_000 },
  attaches: { count: 3, withinMs: 20_000 },
  lockoutMs: 40_000,
  strangers: { count: 2, withinMs: 20_000 },
  sharedMs: 40_000,
};

/**
 * How long nothing else happens, in milliseconds: beyond what clocks may disagree and a program may
 * be late, twice of which lies between the host's lease and the dongle's; and beyond every lease,
 * window and lockout.
 */
export const waitsMs = [4_500, 45_000] as const;

/** Why a session is over, as the dongle tells the host. */
export type Ending = 'superseded' | 'bindingLost' | 'noSession' | 'lockedOut' | 'shared';

/** A host's end of its sessions of one binding. */
export interface HostBinding {
  readonly epoch: number;
  readonly lease: Lease;
  /** The attachment that its link was opened on. */
  readonly attachment: number;
  /** How many sessions it has: 1, or 2 when it has invited one more. */
  readonly sessions: number;
}

/** A program with a runtime. */
export interface Process {
  /** When it was stopped (SIGSTOP), unless it runs. */
  readonly stoppedMs: number | undefined;
  readonly instance: number;
  /** Another instance has taken over, so this one does not connect again. */
  readonly superseded: boolean;
  readonly binding: HostBinding | undefined;
  /** What the dongle pushed while nobody was there to hear it. */
  readonly unheard: Ending | undefined;
}

/** A machine. Its monotonic clock stands still while it sleeps; its wall clock never does. */
export interface Machine {
  readonly asleepMs: number | undefined;
  /** How far its monotonic clock lags behind true time. */
  readonly lagMs: number;
  /** How far people have set its wall clock off. */
  readonly skewMs: number;
  readonly key: number;
  readonly id: number;
  readonly ticket: number | undefined;
  readonly processes: readonly Process[];
}

/** What a copy of a machine takes along. Its clocks go on, and its devices come anew. */
export interface Image {
  readonly key: number;
  readonly id: number;
  readonly ticket: number | undefined;
  readonly instances: readonly number[];
}

/** The dongle's end of a host's sessions. */
export interface DeviceBinding {
  readonly machine: number;
  readonly process: number;
  readonly instance: number;
  readonly attachment: number;
  readonly sessions: number;
}

/** The dongle. All its times are powered time. */
export interface Device {
  readonly ownership: Ownership;
  readonly nowMs: number;
  /** The powered time that a loss of power leaves. */
  readonly storedMs: number;
  readonly bindings: readonly DeviceBinding[];
}

/** What an impartial observer has seen, for the properties to judge by. */
export interface Observed {
  /** Key of the last runtime that was bound, and the ticket that it got. */
  readonly key: number | undefined;
  readonly ticket: number | undefined;
  /** The ticket that it presented, which is as good as the new one until it uses that. */
  readonly lastTicket: number | undefined;
  /** Id of its machine. */
  readonly machine: number;
  /** When the owner was last heard, if that was since the dongle got power or was locked. */
  readonly heardMs: number | undefined;
  readonly gaveUp: boolean;
  readonly heir: { readonly key: number; readonly untilMs: number } | undefined;
  readonly epoch: number;
  /** Takeovers by the dongle's time, and whether the owner before had given up. */
  readonly takeovers: readonly { readonly atMs: number; readonly gaveUp: boolean }[];
  /** Attaches of this lineage in which it was bound: by the dongle's time, and by the runtime's. */
  readonly attaches: readonly { readonly atMs: number; readonly wallMs: number }[];
  readonly attachSeen: boolean;
  /** Tries by other machines while the owner was alive, since power. */
  readonly strangers: readonly number[];
  readonly shared: { readonly poweredMs: number } | undefined;
  readonly locked: { readonly poweredMs: number; readonly cuts: number } | undefined;
}

export interface World {
  readonly nowMs: number;
  readonly device: Device;
  /**
   * For each machine the number of the attachment that it sees, which is another one whenever the
   * dongle comes anew; 0 without. That more than one machine has it is wrong.
   */
  readonly attached: readonly number[];
  /** Whether nothing gets through between A and a dongle that it still sees. */
  readonly isCutOff: boolean;
  readonly machines: readonly Machine[];
  /** A snapshot of A, from before its last binding. */
  readonly snapshot: Image | undefined;
  readonly nextId: number;
  readonly observed: Observed;
}

/** A world with some members changed. */
export function changeMachine(world: World, index: number, change: Partial<Machine>): World {
  const machines = world.machines.map((each, i) => (i === index ? { ...each, ...change } : each));
  return { ...world, machines };
}

/** A world in which one process is changed. */
export function changeProcess(
  world: World,
  machine: number,
  process: number,
  change: Partial<Process>,
): World {
  const processes = machineOf(world, machine).processes.map((each, i) =>
    i === process ? { ...each, ...change } : each,
  );
  return changeMachine(world, machine, { processes });
}

/** Whether the dongle is connected to any machine, which is where its power comes from. */
export function hasPower({ attached }: World): boolean {
  return attached.some((attachment) => attachment !== 0);
}

export function machineOf(world: World, machine: number): Machine {
  return world.machines[machine] as Machine;
}

export function processOf(world: World, machine: number, process: number): Process {
  return machineOf(world, machine).processes[process] as Process;
}

/** What a copy of a machine is made of. */
export function imageOf({ key, id, ticket, processes }: Machine): Image {
  return { key, id, ticket, instances: processes.map(({ instance }) => instance) };
}

/** A machine's monotonic clock. */
export function monotonicMs({ nowMs }: World, { asleepMs, lagMs }: Machine): number {
  return (asleepMs ?? nowMs) - lagMs;
}

/** A machine's wall clock. */
export function wallMs({ nowMs }: World, { skewMs }: Machine): number {
  return nowMs + skewMs;
}
