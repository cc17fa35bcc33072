import { join } from 'node:path';
import type { Command } from 'commander';
import { revokeDongles } from '../vendor/revoke.ts';
import { VendorFolder } from '../vendor/vendor-folder.ts';
import { type PassphraseOptions, passphraseFrom, passphraseOption } from './passphrase.ts';
import { printJson } from './report.ts';
import { folderOption, type VendorOptions } from './vendor-options.ts';

interface RevokeOptions extends VendorOptions, PassphraseOptions {
  readonly json?: true;
}

/** `latchkey vendor revoke`: takes certificates back. */
export function addVendorRevoke(vendor: Command): void {
  vendor
    .command('revoke')
    .description('Sign the next revocation list: all of the last one, and these dongles.')
    .argument('<serial...>', 'dongles of this vendor that are not to be trusted any more')
    .addOption(folderOption())
    .option(...passphraseOption)
    .option('--json', 'print one JSON object: { ok, number, path, dongles }')
    .addHelpText(
      'after',
      `
Hosts are given the list with the option "revocations" of createTrustStore(). A revocation is for
good; a dongle that is only lost is blocked by an update with "setBlocked".

Example:
  latchkey vendor revoke LK-0001 LK-0002`,
    )
    .action(revoke);
}

async function revoke(serials: readonly string[], options: RevokeOptions): Promise<void> {
  const vendor = await VendorFolder.open(options.folder);
  // The TEST root has no passphrase.
  const passphrase = vendor.names.test ? '' : await passphraseFrom(options);
  const { path, list } = await revokeDongles(
    join(vendor.path, 'revocations'),
    await vendor.key('root', passphrase),
    vendor.names.vendor,
    serials,
  );
  const { number, dongles } = list;
  if (options.json) {
    printJson({ ok: true, number, path, dongles: dongles.map(({ serial }) => serial) });
    return;
  }
  process.stdout.write(
    `Revocation list ${number} is in ${path} and takes back ${dongles.length} dongle${dongles.length === 1 ? '' : 's'}; give it to your customers.\n`,
  );
}
