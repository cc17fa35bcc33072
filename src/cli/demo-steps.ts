import { DongleError, type ErrorCode } from '../errors.ts';
import { printJson } from './report.ts';

/** One step of a demo; what it gives back is told, what it throws ends the demo. */
export interface DemoStep {
  readonly name: string;
  run(): Promise<string>;
}

/** A demo: a title, steps in order, and what is to be cleared away whatever happens. */
export interface Demo {
  readonly title: string;
  readonly steps: readonly DemoStep[];
  clear(): Promise<void>;
}

interface StepReport {
  readonly name: string;
  readonly ok: boolean;
  readonly ms: number;
  readonly detail: string;
}

/** Runs a demo and tells of each step as it is done; true when all went well. */
export async function runSteps(demo: Demo, json: boolean): Promise<boolean> {
  const say = (line: string) => {
    if (!json) process.stdout.write(`${line}\n`);
  };
  say(`${demo.title}\n`);
  const width = Math.max(...demo.steps.map(({ name }) => name.length));
  const reports: StepReport[] = [];
  const startMs = performance.now();
  try {
    for (const step of demo.steps) {
      const report = await runStep(step);
      reports.push(report);
      const time = `${report.ms.toFixed(1).padStart(8)} ms`;
      say(`  ${report.ok ? '✓' : '✗'} ${step.name.padEnd(width)} ${time}  ${report.detail}`);
      if (!report.ok) break;
    }
  } finally {
    await demo.clear();
  }
  const ok = reports.length === demo.steps.length && reports.every((report) => report.ok);
  if (json) printJson({ ok, steps: reports });
  const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
  say(ok ? `\nok: ${reports.length} steps in ${seconds} s` : `\nfailed at step ${reports.length}`);
  return ok;
}

async function runStep({ name, run }: DemoStep): Promise<StepReport> {
  const startMs = performance.now();
  let ok = true;
  let detail: string;
  try {
    detail = await run();
  } catch (error) {
    ok = false;
    detail = error instanceof Error ? error.message : String(error);
  }
  return { name, ok, ms: Math.round((performance.now() - startMs) * 10) / 10, detail };
}

/** The code that a call fails with; undefined when it does not. */
export async function codeOf(call: Promise<unknown>): Promise<ErrorCode | undefined> {
  try {
    await call;
    return undefined;
  } catch (error) {
    if (error instanceof DongleError) return error.code;
    throw error;
  }
}

/** Ends the step where something is not as it should be. */
export function expect(condition: boolean, failure: string): void {
  if (!condition) throw new Error(failure);
}
