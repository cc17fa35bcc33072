import type { Command } from 'commander';
import { runSteps } from './demo-steps.ts';
import { firstLight } from './first-light.ts';
import { exitCodes } from './report.ts';

/** `latchkey demo`: what latchkey does, shown on an emulated dongle. */
export function addDemo(program: Command): void {
  program
    .command('demo')
    .description('Show a sealed session with an emulated dongle, step by step.')
    .option('--json', 'print one JSON object: { ok, steps: [{ name, ok, ms, detail }] }')
    .action(async (options: { json?: true }) => {
      const ok = await runSteps(firstLight(), options.json === true);
      if (!ok) process.exitCode = exitCodes.failed;
    });
}
