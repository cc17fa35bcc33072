import { type Command, Option } from 'commander';
import { suite } from '#crypto';
import { readWhole, replaceWhole } from '../host/whole-file.ts';
import { describeOperation } from '../vendor/account.ts';
import { issueUpdate } from '../vendor/issue-update.ts';
import type { Ledger } from '../vendor/ledger.ts';
import { type PlannedUpdate, planUpdate, type UpdateTarget } from '../vendor/plan-update.ts';
import { targetOf } from '../vendor/read-files.ts';
import type { VendorFolder } from '../vendor/vendor-folder.ts';
import { type PassphraseOptions, passphraseFrom, passphraseOption } from './passphrase.ts';
import { printJson } from './report.ts';
import { folderOption, type VendorOptions, withLedger } from './vendor-options.ts';

/** No plan is longer, in bytes. */
const longestPlan = 1024 * 1024;
const longestContext = 16_384;

interface UpdateOptions extends VendorOptions, PassphraseOptions {
  readonly plan?: string;
  readonly context?: string;
  readonly dongle?: string;
  readonly output?: string;
  readonly dryRun?: true;
  readonly json?: true;
}

/** `latchkey vendor update`: makes an update file. */
export function addVendorUpdate(vendor: Command): void {
  vendor
    .command('update')
    .description('Make an update file for a dongle, with all updates that it is missing.')
    .option('--plan <file>', 'what is to change; without it, what is missing is sent again')
    .addOption(
      new Option('--context <file>', 'the context that the dongle has made').conflicts('dongle'),
    )
    .option('--dongle <serial>', 'a dongle of the ledger, without a context of it')
    .option('-o, --output <file>', 'where the update file goes')
    .option('--dry-run', 'show what would change, and sign and write nothing')
    .addOption(folderOption())
    .option(...passphraseOption)
    .option('--json', 'print one JSON object: { ok, serial, numbers, later, changes, output }')
    .addHelpText(
      'after',
      `
A plan is JSON:
  { "operations": [
      { "nameVendor": "Acme" },
      { "putLicense": { "product": 100, "text": "Acme CAD", "features": [0, 3], "units": 3,
                        "expiry": "2027-12-31", "usagePeriod": "30d", "secret": "random:32" } },
      { "addUnits": { "product": 100, "units": 10 } },
      { "moveLicense": { "product": 200, "to": "LK-0002" } } ] }
Dates are in UTC; bytes are "hex:…", "base64:…" or "random:32", which the ledger keeps.

With --dongle, the update is sealed to the dongle's own key: whoever takes that key out of the dongle
later can read the update. With --context it is sealed to a key that the dongle forgets.

Examples:
  latchkey vendor update --context box.lkc --plan plan.json -o box.lku
  latchkey vendor update --dongle LK-0001 --plan plan.json --dry-run`,
    )
    .action(update);
}

async function update(options: UpdateOptions, command: Command): Promise<void> {
  const { context, dongle, output, dryRun, json } = options;
  if (context === undefined && dongle === undefined) {
    command.error('error: give --context, or the serial with --dongle');
  }
  if (!dryRun && output === undefined) {
    command.error('error: give --output, or --dry-run to see what would change');
  }
  const plan =
    options.plan === undefined
      ? undefined
      : new TextDecoder().decode(await readWhole(options.plan, longestPlan));
  await withLedger(options, async (vendor, ledger) => {
    const target = await findTarget(options, vendor, ledger);
    const planned = planUpdate(ledger, target, plan, suite.randomBytes);
    const { serial } = planned.dongle;
    const changes = changesOf(planned);
    if (dryRun) {
      if (json) printJson({ ok: true, serial, dryRun, changes });
      else say([`Dongle ${serial} would get:`, ...changes.map((line) => `  ${line}`)]);
      return;
    }
    const passphrase = await passphraseFrom(options);
    const signer = {
      vendor: vendor.names.vendor,
      key: await vendor.key('update', passphrase),
      certificate: await vendor.certificate('update'),
    };
    const { file, numbers, later } = await issueUpdate(ledger, planned, signer, Date.now());
    await replaceWhole(output as string, file);
    if (json) printJson({ ok: true, serial, numbers, later, changes, output });
    else say([...spoken(planned, numbers, later), `It is in ${output} (${file.length} bytes).`]);
  });
}

async function findTarget(
  { context, dongle }: UpdateOptions,
  vendor: VendorFolder,
  ledger: Ledger,
): Promise<UpdateTarget> {
  if (context === undefined) return { kind: 'push', book: ledger.bySerial(dongle as string) };
  const file = await readWhole(context, longestContext);
  return targetOf(file, await vendor.trust(), vendor.names.vendor);
}

/** One line for each thing that changes. */
function changesOf({ missing, operations, moves }: PlannedUpdate): readonly string[] {
  const again = missing.flatMap(({ number, update, moves: moved }) =>
    update.operations.map((each) => `${describe(each, moved)} (update ${number}, sent again)`),
  );
  return [...again, ...operations.map((each) => describe(each, moves))];
}

function describe(
  operation: PlannedUpdate['operations'][number],
  moves: PlannedUpdate['moves'],
): string {
  const product = operation.withdrawLicense?.product;
  const move = moves.find((each) => each.product === product);
  const line = describeOperation(operation);
  return move === undefined
    ? line
    : `${line}, to be issued on ${move.to} once the receipt is confirmed`;
}

function spoken(
  planned: PlannedUpdate,
  numbers: readonly number[],
  later: readonly number[],
): readonly string[] {
  const { serial } = planned.dongle;
  const what = numbers.length === 1 ? `Update ${numbers[0]}` : `Updates ${numbers.join(', ')}`;
  const arrived = planned.arrivals.map(
    ({ product, from }) => `  license ${product} arrives from ${from.dongle.serial}`,
  );
  const rest =
    later.length === 0
      ? []
      : [`Updates ${later.join(', ')} do not fit and follow once these have been confirmed.`];
  return [
    `${what} for dongle ${serial}:`,
    ...changesOf(planned).map((line) => `  ${line}`),
    ...arrived,
    ...rest,
  ];
}

function say(lines: readonly string[]): void {
  process.stdout.write(lines.map((line) => `${line}\n`).join(''));
}
