import type { Command } from 'commander';
import { addVendorCertify } from './vendor-certify.ts';
import { addVendorConfirm } from './vendor-confirm.ts';
import { addVendorInit } from './vendor-init.ts';
import { addVendorInspect } from './vendor-inspect.ts';
import { addVendorRevoke } from './vendor-revoke.ts';
import { addVendorTakeBack } from './vendor-take-back.ts';
import { addVendorTime } from './vendor-time.ts';
import { addVendorUpdate } from './vendor-update.ts';

/** `latchkey vendor`: the tools of whoever makes dongles or sells licenses on them. */
export function addVendor(program: Command): void {
  const vendor = program
    .command('vendor')
    .description('Keys, certificates, updates and the ledger of a vendor.')
    .addHelpText(
      'after',
      `
The vendor's private keys are encrypted under a passphrase: $LATCHKEY_PASSPHRASE, --passphrase-file,
or asked on the terminal. $LATCHKEY_VENDOR is the folder where --folder is not given.

From a customer's context to the confirmed update:
  latchkey context -o box.lkc                       on the customer's machine
  latchkey vendor update --context box.lkc --plan plan.json -o box.lku
  latchkey apply box.lku -o box.lkr                 on the customer's machine
  latchkey vendor confirm box.lkr`,
    );
  addVendorInit(vendor);
  addVendorCertify(vendor);
  addVendorUpdate(vendor);
  addVendorConfirm(vendor);
  addVendorInspect(vendor);
  addVendorRevoke(vendor);
  addVendorTime(vendor);
  addVendorTakeBack(vendor);
}
