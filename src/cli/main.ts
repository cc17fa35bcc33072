#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import packageJson from '../../package.json' with { type: 'json' };
import { addApply } from './apply.ts';
import { addAttach } from './attach.ts';
import { addContext } from './context.ts';
import { addDemo } from './demo.ts';
import { addDetach } from './detach.ts';
import { addEmulate } from './emulate.ts';
import { addInfo } from './info.ts';
import { addLicenses } from './licenses.ts';
import { addList } from './list.ts';
import { addReceipt } from './receipt.ts';
import { exitCodes, reportError } from './report.ts';
import { addVendor } from './vendor.ts';

const program = new Command('latchkey')
  .description('Talks to license dongles, real and emulated.')
  .version(packageJson.version)
  .showHelpAfterError('(add --help for help)')
  .exitOverride()
  .addHelpText(
    'after',
    `
Exit codes:
  0  done
  1  it failed; the reason stands on standard error, or with --json on standard output
  2  the command line is wrong

Start with:  latchkey demo`,
  );

addDemo(program);
addList(program);
addInfo(program);
addLicenses(program);
addContext(program);
addApply(program);
addReceipt(program);
addVendor(program);
addEmulate(program);
addAttach(program);
addDetach(program);

// Whoever reads the output may have enough of it, as `head` does; that is no reason for a stack trace.
process.stdout.on('error', () => {
  process.exitCode = exitCodes.failed;
});

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    // Commander has said what is wrong; help and version end with code 0.
    process.exitCode = error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
  } else {
    reportError(error, process.argv.includes('--json'));
    process.exitCode = exitCodes.failed;
  }
}
