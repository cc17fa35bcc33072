import { Argument, type Command } from 'commander';
import { license } from './demo-license.ts';
import { lockout, shared, takeover } from './demo-scenarios.ts';
import { type Demo, runSteps } from './demo-steps.ts';
import { firstLight } from './first-light.ts';
import { exitCodes } from './report.ts';

const demos = {
  'first-light': firstLight,
  license,
  takeover,
  lockout,
  shared,
} as const satisfies Record<string, () => Demo>;

/** `latchkey demo`: what latchkey does, shown on an emulated dongle. */
export function addDemo(program: Command): void {
  program
    .command('demo')
    .description('Show what latchkey does with an emulated dongle, step by step.')
    .addArgument(
      new Argument('[name]', 'which demo').choices(Object.keys(demos)).default('first-light'),
    )
    .option('--json', 'print one JSON object: { ok, steps: [{ name, ok, ms, detail }] }')
    .addHelpText(
      'after',
      `
Demos:
  first-light  a sealed session, from plugging the dongle in to pulling it out
  license      runs of a feature, sold by files and counted by the chip
  takeover     one dongle, and at most one machine that has it
  lockout      a dongle that changes hands too often refuses everybody for five minutes
  shared       a dongle that two machines reach at once refuses both

All but the first two run in virtual time, with three machines and a hub.`,
    )
    .action(async (name: keyof typeof demos, options: { json?: true }) => {
      const ok = await runSteps(demos[name](), options.json === true);
      if (!ok) process.exitCode = exitCodes.failed;
    });
}
