import type { Command } from 'commander';
import { toHex } from '../bytes.ts';
import { readWhole } from '../host/whole-file.ts';
import type { Context } from '../protocol/updates/index.ts';
import { describeOperation } from '../vendor/account.ts';
import { type Inspection, inspectFile } from '../vendor/inspect.ts';
import { formatDate } from '../vendor/plan-values.ts';
import { printJson } from './report.ts';
import { folderOption, type VendorOptions, withLedger } from './vendor-options.ts';

const longestFile = 4 * 1024 * 1024;

interface InspectOptions extends VendorOptions {
  readonly json?: true;
}

/** `latchkey vendor inspect`: tells what a file is. */
export function addVendorInspect(vendor: Command): void {
  vendor
    .command('inspect')
    .description('Tell what a file of latchkey is, and what it says.')
    .argument('<file>', 'a context, update, receipt, certified time, chain or revocation list')
    .addOption(folderOption())
    .option('--json', 'print one JSON object: { ok, file: { kind, … } }')
    .addHelpText(
      'after',
      `
What is in an update, the dongle alone can read; of those that this ledger has made, it is told from
there.

Example:
  latchkey vendor inspect box.lku`,
    )
    .action(inspect);
}

async function inspect(path: string, options: InspectOptions): Promise<void> {
  const bytes = await readWhole(path, longestFile);
  const file = await withLedger(options, (vendor, ledger) => inspectFile(bytes, vendor, ledger));
  if (options.json) {
    printJson({ ok: true, file: JSON.parse(JSON.stringify(plain(file), hexBytes)) });
    return;
  }
  process.stdout.write(
    linesOf(file)
      .map((line) => `${line}\n`)
      .join(''),
  );
}

/** An update's signed bytes are of no use to a reader. */
function plain(file: Inspection): unknown {
  if (file.kind !== 'update' || file.updates === undefined) return file;
  return {
    ...file,
    updates: file.updates.map(({ number, at, update }) => ({
      number,
      at,
      changes: update.operations.map(describeOperation),
    })),
  };
}

function hexBytes(_: string, value: unknown): unknown {
  return value instanceof Uint8Array ? toHex(value) : value;
}

function linesOf(file: Inspection): readonly string[] {
  switch (file.kind) {
    case 'context':
      return [
        `A context of dongle ${file.serial}, signed by it.`,
        `powered for   ${Math.floor(file.context.poweredMs / 1000)} s`,
        `time          ${file.context.time === undefined ? 'not known' : formatDate(file.context.time)}`,
        ...(file.context.blocked === undefined ? [] : ['blocked']),
        ...file.context.vendors.map(
          ({ vendor, number }) => `vendor ${vendor} has sent update ${number}`,
        ),
        ...file.context.licenses.map(licenseLine),
      ];
    case 'receipt': {
      const { state, licenses } = file.receipt;
      return [
        `A receipt of dongle ${file.serial}, signed by it: update ${state.number} of vendor ${state.vendor} is applied.`,
        ...licenses.map(licenseLine),
      ];
    }
    case 'update':
      return [
        `An update of vendor ${file.vendor} for dongle ${file.serial ?? '(not in the ledger)'}, sealed to ${file.answers === 'push' ? 'its own key' : 'a context of it'}.`,
        ...(file.updates === undefined
          ? ['This ledger has not made it, so what is in it cannot be told.']
          : file.updates.flatMap(({ number, update }) =>
              update.operations.map((each) => `update ${number}  ${describeOperation(each)}`),
            )),
      ];
    case 'time':
      return [
        `The time ${formatDate(file.time)}, certified for dongle ${file.serial ?? '(not in the ledger)'}.`,
      ];
    case 'chain':
      return [
        `The certificate of ${file.model} dongle ${file.serial} of vendor ${file.vendor}${file.test ? ' (TEST)' : ''}, by ${file.issuer}.`,
        `capabilities  ${file.capabilities.join(', ')}`,
      ];
    case 'revocations':
      return [
        `Revocation list ${file.number}:`,
        ...file.dongles.map(({ vendor, serial }) => `  ${serial} of vendor ${vendor}`),
      ];
  }
}

function licenseLine({
  vendor,
  product,
  state,
  unitsLeft,
  usedUnits,
  decoyUses,
  withdrawn,
}: Context['licenses'][number]): string {
  const words = [
    withdrawn === 1 ? 'withdrawn' : state,
    unitsLeft === undefined ? 'unlimited units' : `${unitsLeft} units left`,
    `${usedUnits} used`,
    ...(decoyUses === undefined ? [] : [`used ${decoyUses} times as a decoy`]),
  ];
  return `license ${product} of vendor ${vendor}: ${words.join(', ')}`;
}
