import {
  attach,
  type BindStep,
  bind,
  end,
  handOver,
  type Ownership,
  powerUp,
  renew,
} from '../../src/emulator/firmware/ownership/index.ts';
import { bytesOf } from './names.ts';
import { observeClaim } from './observer.ts';
import { push } from './pushes.ts';
import {
  type Device,
  type DeviceBinding,
  type Ending,
  type HostBinding,
  machineOf,
  processOf,
  rules,
  type World,
  wallMs,
} from './world.ts';

// The firmware around the real core of ownership: sessions, commits, powered time.

/** A claim by a process: what the dongle decides, and what has changed by it. */
export interface Claimed {
  readonly world: World;
  /** What the host is told. */
  readonly step: BindStep;
  /** The ticket that goes with it when it is bound. */
  readonly ticket: number;
}

/** Message 3 of a process: it asks for the dongle. */
export function claim(world: World, machine: number, process: number): Claimed {
  const { device, nextId: ticket } = world;
  const host = machineOf(world, machine);
  const { instance } = processOf(world, machine, process);
  const wall = wallMs(world, host);
  const step = bind(
    rules,
    device.ownership,
    {
      key: bytesOf(host.key),
      instance: bytesOf(instance),
      machine: [bytesOf(host.id)],
      ticket: host.ticket === undefined ? undefined : bytesOf(host.ticket),
      wallMs: wall,
    },
    bytesOf(ticket),
    device.nowMs,
  );
  const applicant = { key: host.key, machine: host.id, ticket: host.ticket, wallMs: wall };
  const observed = observeClaim(world, applicant, step, ticket);
  const told = { ...world, nextId: ticket + 1, observed };
  if (step.kind === 'bound') {
    const attachment = world.attached[machine] as number;
    const bindings = [{ machine, process, instance, attachment, sessions: 1 }];
    const freed = endSessions(told, reasons[step.predecessor]);
    return {
      step,
      ticket,
      world: { ...freed, device: { ...committed(freed.device, step.state), bindings } },
    };
  }
  if (!step.endsSessions)
    return {
      step,
      ticket,
      world: { ...told, device: { ...told.device, ownership: step.state } },
    };
  const freed = endSessions(told, step.refusal === 'shared' ? 'shared' : 'lockedOut');
  return { step, ticket, world: { ...freed, device: committed(freed.device, step.state) } };
}

const reasons = {
  none: 'bindingLost',
  same: 'noSession',
  superseded: 'superseded',
  lost: 'bindingLost',
} as const satisfies Record<string, Ending>;

/** Ends all sessions, and tells their hosts. */
function endSessions(world: World, ending: Ending): World {
  const { bindings } = world.device;
  const freed = { ...world, device: { ...world.device, bindings: [] } };
  return bindings.reduce<World>((told, binding) => push(told, binding, ending), freed);
}

/** The session that a process has on the dongle. */
export function sessionOf(
  { device }: World,
  machine: number,
  process: number,
  host: HostBinding,
): DeviceBinding | undefined {
  return device.bindings.find(
    (each) =>
      each.machine === machine && each.process === process && each.attachment === host.attachment,
  );
}

/** A record of the owner. The first one of a binding is committed before it is executed. */
export function takeRecord(world: World): World {
  const { device, observed } = world;
  const ownership = renew(rules, device.ownership, device.nowMs);
  const isFirst = ownership.confirmedEpoch !== device.ownership.confirmedEpoch;
  return {
    ...world,
    device: isFirst ? committed(device, ownership) : { ...device, ownership },
    observed: { ...observed, lastTicket: undefined, heardMs: device.nowMs },
  };
}

/** One more session by an invitation, or one less by END; the last one gives the binding up. */
export function changeSessions(world: World, session: DeviceBinding, by: 1 | -1): World {
  const { device, observed } = world;
  const sessions = session.sessions + by;
  const others = device.bindings.filter((each) => each !== session);
  if (sessions > 0)
    return { ...world, device: { ...device, bindings: [...others, { ...session, sessions }] } };
  const ended = others.length === 0 ? committed(device, end(device.ownership)) : device;
  return {
    ...world,
    device: { ...ended, bindings: others },
    observed: { ...observed, gaveUp: others.length === 0 },
  };
}

/** HANDOVER to the runtime with that key. */
export function nameHeir(world: World, key: number): World {
  const { device, observed } = world;
  const ownership = handOver(rules, device.ownership, bytesOf(key), device.nowMs);
  const heir = { key, untilMs: device.nowMs + rules.handoverMs };
  return { ...world, device: committed(device, ownership), observed: { ...observed, heir } };
}

/** A bus reset, and SET_CONFIGURATION: the sessions end, the lease goes on. */
export function resetBus(world: World): World {
  const { device, observed } = world;
  return {
    ...world,
    device: { ...device, ownership: attach(device.ownership), bindings: [] },
    observed: { ...observed, attachSeen: false },
  };
}

/** Power goes and comes back: what is left is what was committed. */
export function cutPower(world: World): World {
  const { device, observed } = world;
  const { locked } = observed;
  return {
    ...world,
    device: {
      ...device,
      nowMs: device.storedMs,
      ownership: { ...device.ownership, ...powerUp },
      bindings: [],
    },
    observed: {
      ...observed,
      heardMs: undefined,
      attachSeen: false,
      strangers: [],
      shared: undefined,
      locked: locked && { ...locked, cuts: locked.cuts + 1 },
    },
  };
}

/** Time with power. Powered time is stored each minute, and in a lockout on its whole seconds. */
export function passPoweredTime(world: World, ms: number): World {
  const { device, observed } = world;
  const nowMs = device.nowMs + ms;
  const { lockedUntilMs } = device.ownership;
  const everyMs = device.nowMs < lockedUntilMs ? 1000 : 60_000;
  const steps = Math.floor((nowMs - device.storedMs) / everyMs);
  const { locked, shared } = observed;
  const passed = {
    ...world,
    device: { ...device, nowMs, storedMs: device.storedMs + steps * everyMs },
  };
  if (locked === undefined && shared === undefined) return passed;
  return {
    ...passed,
    observed: {
      ...observed,
      locked: locked && { ...locked, poweredMs: locked.poweredMs + ms },
      shared: shared && { poweredMs: shared.poweredMs + ms },
    },
  };
}

/** Puts what has changed, and the powered time, on flash. */
function committed(device: Device, ownership: Ownership): Device {
  return { ...device, ownership, storedMs: device.nowMs };
}
