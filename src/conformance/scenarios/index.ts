// Not part of the package's entry `latchkey/conformance`: hardware is checked by the cases, a scenario
// needs machines, clocks and a power cut that are simulated.

export { attacks } from './attacks.ts';
export { normalLife } from './normal-life.ts';
export { runScenario } from './run-scenario.ts';
export type {
  ProgramName,
  Scenario,
  ScenarioEvent,
  ScenarioResult,
  ScenarioStep,
} from './scenario.ts';
export { Simulation } from './simulation.ts';
