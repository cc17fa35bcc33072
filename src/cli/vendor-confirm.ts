import type { Command } from 'commander';
import { readWhole } from '../host/whole-file.ts';
import { confirmReceipt } from '../vendor/read-files.ts';
import { printJson } from './report.ts';
import { folderOption, type VendorOptions, withLedger } from './vendor-options.ts';

const longestReceipt = 16_384;

interface ConfirmOptions extends VendorOptions {
  readonly json?: true;
}

/** `latchkey vendor confirm`: writes into the ledger what a dongle has applied. */
export function addVendorConfirm(vendor: Command): void {
  vendor
    .command('confirm')
    .description('Write the receipt of an update into the ledger.')
    .argument('<receipt>', 'what "latchkey apply" or "latchkey receipt" has made')
    .addOption(folderOption())
    .option('--json', 'print one JSON object: { ok, serial, number, news, moves }')
    .addHelpText(
      'after',
      `
What was confirmed is not sent again. A license that moves can be issued on the other dongle then:
the next update for that one contains it.

Example:
  latchkey vendor confirm box.lkr`,
    )
    .action(confirm);
}

async function confirm(path: string, options: ConfirmOptions): Promise<void> {
  const file = await readWhole(path, longestReceipt);
  const { book, number, news, moves } = await withLedger(options, async (vendor, ledger) =>
    confirmReceipt(
      ledger,
      file,
      await vendor.trust(),
      vendor.names.vendor,
      new Date().toISOString(),
    ),
  );
  const { serial } = book.dongle;
  if (options.json) {
    const moved = moves.map(({ product, to, left }) => ({ product, to, left }));
    printJson({ ok: true, serial, number, news, moves: moved });
    return;
  }
  const lines = [
    news.length === 0
      ? `Dongle ${serial} has update ${number}; the ledger knew that.`
      : `Dongle ${serial} has applied update ${news.join(', ')}.`,
    ...moves.map(({ product, to, left }) => {
      const units = left?.unitsLeft === undefined ? '' : ` with ${left.unitsLeft} units`;
      return `License ${product} has left it${units}: the next update for ${to} puts it there ("latchkey vendor update").`;
    }),
  ];
  process.stdout.write(lines.map((line) => `${line}\n`).join(''));
}
