import type { Command } from 'commander';
import { replaceWhole } from '../host/whole-file.ts';
import { fileName } from './context.ts';
import { addDongleOptions, type DongleOptions, withDongle } from './dongle-options.ts';
import { wholeNumber } from './numbers.ts';
import { printJson } from './report.ts';

interface ReceiptOptions extends DongleOptions {
  readonly vendor: number;
  readonly output?: string;
  readonly json?: true;
}

/** `latchkey receipt`: proves to a vendor what was applied. */
export function addReceipt(program: Command): void {
  const receipt = program
    .command('receipt')
    .description('Make the receipt of a vendor’s last update again, where it was lost.');
  addDongleOptions(receipt)
    .requiredOption('--vendor <number>', 'whose update', vendorNumber)
    .option('-o, --output <file>', 'where it goes (default: SERIAL.lkr)')
    .option('--json', 'print one JSON object: { ok, serial, vendor, output, bytes }')
    .addHelpText(
      'after',
      `
Example:
  latchkey receipt --vendor 7 -o box.lkr`,
    )
    .action(make);
}

async function make(options: ReceiptOptions): Promise<void> {
  const { vendor } = options;
  await withDongle(options, async (dongle) => {
    const { serial } = dongle.identity;
    const output = options.output ?? `${fileName(serial)}.lkr`;
    const file = await dongle.update.receipt(vendor);
    await replaceWhole(output, file);
    if (options.json) printJson({ ok: true, serial, vendor, output, bytes: file.length });
    else
      process.stdout.write(
        `The receipt of dongle ${serial} is in ${output}; send it to vendor ${vendor}.\n`,
      );
  });
}

function vendorNumber(text: string): number {
  return wholeNumber(text, 0, 0xffff_ffff);
}
