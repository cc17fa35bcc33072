import {
  changeProcess,
  type DeviceBinding,
  type Ending,
  machineOf,
  processOf,
  type World,
} from './world.ts';

/** Tells a host that its sessions are over: at once where somebody listens, later where not. */
export function push(world: World, session: DeviceBinding, ending: Ending): World {
  const { machine, process } = session;
  const { binding, instance, stoppedMs } = processOf(world, machine, process);
  const isTheSame = instance === session.instance && binding?.attachment === session.attachment;
  if (!isTheSame || session.attachment !== world.attached[machine]) return world;
  if (world.isCutOff && machine === 0) return world;
  if (stoppedMs !== undefined || machineOf(world, machine).asleepMs !== undefined)
    return changeProcess(world, machine, process, { unheard: ending });
  return hear(world, machine, process, ending);
}

/** A host hears that its sessions are over. */
export function hear(world: World, machine: number, process: number, ending: Ending): World {
  const { superseded } = processOf(world, machine, process);
  return changeProcess(world, machine, process, {
    binding: undefined,
    unheard: undefined,
    superseded: superseded || ending === 'superseded',
  });
}
