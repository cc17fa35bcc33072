import type { Command } from 'commander';
import type { ListedLicense } from '../client/license.ts';
import { readWhole, replaceWhole } from '../host/whole-file.ts';
import { maxUpdateBytes } from '../protocol/updates/index.ts';
import { addDongleOptions, type DongleOptions, withDongle } from './dongle-options.ts';
import { licenseLine, licensesOf } from './licenses.ts';
import { showProgress } from './progress.ts';
import { printJson } from './report.ts';

interface ApplyOptions extends DongleOptions {
  readonly output?: string;
  readonly json?: true;
}

/** `latchkey apply`: brings an update to the dongle. */
export function addApply(program: Command): void {
  const apply = program
    .command('apply')
    .description('Apply a vendor’s update file to a dongle: whole, or not at all.')
    .argument('<file>', 'the update file');
  addDongleOptions(apply)
    .option('-o, --output <file>', 'where the receipt for the vendor goes')
    .option('--json', 'print one JSON object: { ok, serial, applied, changes, output }')
    .addHelpText(
      'after',
      `
The receipt tells the vendor that the update has arrived; a license that moves to another dongle can
be issued there only then. To apply a file again changes nothing, and gives the receipt again.

Examples:
  latchkey apply box.lku -o box.lkr
  latchkey apply box.lku --emulated --flash box.flash --json`,
    )
    .action(applyFile);
}

async function applyFile(path: string, options: ApplyOptions): Promise<void> {
  const { output } = options;
  const file = await readWhole(path, maxUpdateBytes + 512);
  await withDongle(options, async (dongle) => {
    const { serial } = dongle.identity;
    const before = await licensesOf(dongle);
    using progress = showProgress(`Applying ${path}`);
    const { receipt, applied } = await dongle.update.apply(file, { onProgress: progress.report });
    progress.end();
    if (output !== undefined) await replaceWhole(output, receipt);
    const changes = changesBetween(before, await licensesOf(dongle));
    if (options.json) {
      printJson({ ok: true, serial, applied, changes, output: output ?? null });
      return;
    }
    const lines = [
      applied === 0
        ? `Dongle ${serial} has had this update already; nothing was changed.`
        : `Applied ${applied} update${applied === 1 ? '' : 's'} to dongle ${serial}.`,
      ...changes.map((change) => `  ${change}`),
      output === undefined
        ? 'The vendor may want a receipt: run it again with -o, or "latchkey receipt".'
        : `The receipt is in ${output}; send it to the vendor.`,
    ];
    process.stdout.write(lines.map((line) => `${line}\n`).join(''));
  });
}

/** What is different now, a line for each license. */
function changesBetween(
  before: readonly ListedLicense[],
  after: readonly ListedLicense[],
): readonly string[] {
  const linesOf = (licenses: readonly ListedLicense[]) =>
    new Map(licenses.map((each) => [`${each.vendor}/${each.product}`, licenseLine(each)]));
  const [old, now] = [linesOf(before), linesOf(after)];
  const changes: string[] = [];
  for (const [name, line] of now) {
    const was = old.get(name);
    if (was === undefined) changes.push(`new: ${line}`);
    else if (was !== line) changes.push(`changed: ${line}`);
  }
  for (const [name, line] of old) if (!now.has(name)) changes.push(`gone: ${line}`);
  return changes;
}
