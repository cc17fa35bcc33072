import type { PowerStep, Step } from './case.ts';
import { type CaseRun, closeLinks } from './case-run.ts';

/** Whether a step takes the power or gives it, or has such steps in it. */
export function needsPower(step: Step): boolean {
  if (step.do === 'repeat' || step.do === 'together') return step.steps.some(needsPower);
  return step.do === 'unplug' || step.do === 'plug';
}

/** Does a step on the power. */
export async function doPowerStep(run: CaseRun, step: PowerStep): Promise<void> {
  const { power } = run.target;
  if (power === undefined) throw new Error('there is no way to the power');
  if (step.do === 'plug') return power.on();
  await closeLinks(run);
  return power.off();
}
