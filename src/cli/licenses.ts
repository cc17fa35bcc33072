import type { Command } from 'commander';
import type { ListedLicense } from '../client/license.ts';
import type { Dongle } from '../node.ts';
import { addDongleOptions, type DongleOptions, withDongle } from './dongle-options.ts';
import { printJson } from './report.ts';

interface LicensesOptions extends DongleOptions {
  readonly json?: true;
}

/** `latchkey licenses`: what a dongle lets its owner do. */
export function addLicenses(program: Command): void {
  const licenses = program.command('licenses').description('List the licenses of a dongle.');
  addDongleOptions(licenses)
    .option('--json', 'print one JSON object: { ok, serial, licenses: [{ vendor, product, … }] }')
    .addHelpText(
      'after',
      `
Examples:
  latchkey licenses
  latchkey licenses --emulated --flash box.flash --json`,
    )
    .action((options: LicensesOptions) =>
      withDongle(options, async (dongle) => {
        const { serial } = dongle.identity;
        const held = await licensesOf(dongle);
        if (options.json) {
          printJson({ ok: true, serial, licenses: held });
          return;
        }
        const lines =
          held.length === 0
            ? [`Dongle ${serial} has no licenses: ask a vendor for an update ("latchkey context").`]
            : held.map(licenseLine);
        process.stdout.write(lines.map((line) => `${line}\n`).join(''));
      }),
    );
}

/** The licenses of a dongle; none where its model has no license table. */
export async function licensesOf(dongle: Dongle): Promise<readonly ListedLicense[]> {
  return dongle.identity.capabilities.includes('licenses') ? dongle.licenses.list() : [];
}

/** A license in one line. */
export function licenseLine(license: ListedLicense): string {
  const { vendor, vendorName, product, text, state, features, unitsLeft, activation } = license;
  const { expiry, quantity, localOnly, machineBound } = license;
  const words = [
    ...(state === 'blocked' ? ['blocked'] : []),
    unitsLeft === undefined
      ? 'unlimited units'
      : `${unitsLeft} unit${unitsLeft === 1 ? '' : 's'} left`,
    ...(features === 0 ? [] : [`features 0x${features.toString(16)}`]),
    ...(activation === undefined ? [] : [`from ${dayOf(activation)}`]),
    ...(expiry === undefined ? [] : [`until ${dayOf(expiry)}`]),
    ...(quantity === undefined ? [] : [`${quantity} seat${quantity === 1 ? '' : 's'}`]),
    ...(localOnly ? ['local only'] : []),
    ...(machineBound ? ['for one machine'] : []),
  ];
  const name = text === undefined ? '' : ` ${JSON.stringify(text)}`;
  return `${vendorName ?? `vendor ${vendor}`}, license ${product}${name}: ${words.join(', ')}`;
}

/** The day, or where it is not midnight the second too, in UTC. */
function dayOf(date: Date): string {
  return date.toISOString().replace('.000Z', 'Z').replace('T00:00:00Z', '');
}
