import type { Command } from 'commander';
import { replaceWhole } from '../host/whole-file.ts';
import { addDongleOptions, type DongleOptions, withDongle } from './dongle-options.ts';
import { printJson } from './report.ts';

interface ContextOptions extends DongleOptions {
  readonly output?: string;
  readonly json?: true;
}

/** `latchkey context`: what a vendor needs for an update. */
export function addContext(program: Command): void {
  const context = program
    .command('context')
    .description('Make a context file of a dongle, for its vendor to answer with an update.');
  addDongleOptions(context)
    .option('-o, --output <file>', 'where it goes (default: SERIAL.lkc)')
    .option('--json', 'print one JSON object: { ok, serial, output, bytes }')
    .addHelpText(
      'after',
      `
A context tells the vendor which updates the dongle has had and what is left of its licenses. It has
no secrets. The dongle remembers the last four; an update that answers an older one is refused.

Examples:
  latchkey context -o box.lkc
  latchkey context --emulated --flash box.flash`,
    )
    .action(make);
}

async function make(options: ContextOptions): Promise<void> {
  await withDongle(options, async (dongle) => {
    const { serial } = dongle.identity;
    const output = options.output ?? `${fileName(serial)}.lkc`;
    const file = await dongle.update.context();
    await replaceWhole(output, file);
    if (options.json) printJson({ ok: true, serial, output, bytes: file.length });
    else
      process.stdout.write(
        `The context of dongle ${serial} is in ${output}; send it to the vendor.\n`,
      );
  });
}

/** The serial as a file may be called. */
export function fileName(serial: string): string {
  return serial.replace(/[^A-Za-z0-9._-]/g, '_').replace(/^\./, '_');
}
