import type { Command } from 'commander';
import { readWhole } from '../host/whole-file.ts';
import { targetOf } from '../vendor/read-files.ts';
import { takeBack } from '../vendor/take-back.ts';
import { wholeNumber } from './numbers.ts';
import { printJson } from './report.ts';
import { folderOption, type VendorOptions, withLedger } from './vendor-options.ts';

const longestContext = 16_384;

interface TakeBackOptions extends VendorOptions {
  readonly context: string;
  readonly from: number;
  readonly json?: true;
}

/** `latchkey vendor take-back`: drops an update that a dongle cannot apply. */
export function addVendorTakeBack(vendor: Command): void {
  vendor
    .command('take-back')
    .description('Take updates back that a dongle cannot apply, as all later ones wait for them.')
    .requiredOption('--context <file>', 'a new context of the dongle, which shows what it has')
    .requiredOption('--from <number>', 'the first update that is taken back', updateNumber)
    .addOption(folderOption())
    .option('--json', 'print one JSON object: { ok, serial, numbers }')
    .addHelpText(
      'after',
      `
A dongle that says UPDATE_IMPOSSIBLE has changed nothing, and says so to each file with that update.
Have the old files destroyed: a dongle that applies one of them all the same gets no more updates from
this ledger.

Example:
  latchkey vendor take-back --context box.lkc --from 3`,
    )
    .action(drop);
}

async function drop(options: TakeBackOptions): Promise<void> {
  const file = await readWhole(options.context, longestContext);
  const { serial, numbers } = await withLedger(options, async (vendor, ledger) => {
    const target = await targetOf(file, await vendor.trust(), vendor.names.vendor);
    const at = new Date().toISOString();
    return {
      serial: target.dongle.serial,
      numbers: await takeBack(ledger, target, options.from, at),
    };
  });
  if (options.json) printJson({ ok: true, serial, numbers });
  else
    process.stdout.write(
      `Took update ${numbers.join(', ')} of dongle ${serial} back; make another one.\n`,
    );
}

function updateNumber(text: string): number {
  return wholeNumber(text, 1, 0xffff_ffff);
}
