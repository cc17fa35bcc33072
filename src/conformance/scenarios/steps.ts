import type { MachineName, ProgramName, ScenarioStep } from './scenario.ts';

// Short words for what the tables are made of.

export const second = 1000;
export const minute = 60 * second;
export const hour = 60 * minute;
export const day = 24 * hour;

export const plug = (machine: MachineName): ScenarioStep => ({ do: 'plug', machine });
export const start = (program: ProgramName): ScenarioStep => ({ do: 'start', program });
export const quit = (program: ProgramName): ScenarioStep => ({ do: 'quit', program });
export const wait = (ms: number): ScenarioStep => ({ do: 'wait', ms });
export const times = (count: number, ...steps: ScenarioStep[]): ScenarioStep => ({
  do: 'repeat',
  times: count,
  steps,
});
export const unplug: ScenarioStep = { do: 'unplug' };
export const share: ScenarioStep = { do: 'share' };
export const cutPower: ScenarioStep = { do: 'cutPower' };
export const resetBus: ScenarioStep = { do: 'resetBus' };
export const kill = (program: ProgramName): ScenarioStep => ({ do: 'kill', program });
export const setClock = (machine: MachineName, byMs: number): ScenarioStep => ({
  do: 'setClock',
  machine,
  byMs,
});
