import type { Command } from 'commander';
import { purposes, VendorFolder } from '../vendor/vendor-folder.ts';
import { wholeNumber } from './numbers.ts';
import { type PassphraseOptions, passphraseFrom, passphraseOption } from './passphrase.ts';
import { printJson } from './report.ts';

interface InitOptions extends PassphraseOptions {
  readonly vendor: number;
  readonly name: string;
  readonly test?: true;
  readonly json?: true;
}

/** `latchkey vendor init`: makes a vendor's keys. */
export function addVendorInit(vendor: Command): void {
  vendor
    .command('init')
    .description('Make a vendor’s keys, certificates and ledger in a new folder.')
    .argument('<folder>', 'the folder, which must not exist yet or be empty')
    .requiredOption('--vendor <number>', 'the number of the vendor', vendorNumber)
    .requiredOption('--name <name>', 'what the vendor is called')
    .option('--test', 'under the public TEST root: for emulated dongles; it proves nothing')
    .option(...passphraseOption)
    .option('--json', 'print one JSON object: { ok, folder, vendor, name, test, keys }')
    .addHelpText(
      'after',
      `
Each private key is a file of its own, encrypted with AES-256-GCM under what scrypt makes of the
passphrase; without the passphrase nobody can open them, and nothing can be signed. The root key
certifies the others and revokes dongles: keep a copy of the folder apart from the machine.

Examples:
  latchkey vendor init acme --vendor 7 --name "Acme"
  latchkey vendor init trial --vendor 7 --name "Acme" --test`,
    )
    .action(init);
}

async function init(path: string, options: InitOptions): Promise<void> {
  const { vendor, name, test = false } = options;
  const passphrase = await passphraseFrom(options, 'choose');
  const folder = await VendorFolder.create(path, { vendor, name, test }, passphrase);
  const keys = test ? [...purposes] : ['root', ...purposes];
  if (options.json) {
    printJson({ ok: true, folder: path, ...folder.names, keys });
    return;
  }
  const root = test ? 'under the public TEST root, for emulated dongles' : 'with a root of its own';
  process.stdout.write(
    [
      `Made vendor ${vendor}, ${name}, in ${path}, ${root}.`,
      `Private keys, encrypted: ${keys.join(', ')}.`,
      `Customers trust ${path}/root.json. Keep a copy of the folder, and the passphrase apart from it.`,
      '',
    ].join('\n'),
  );
}

function vendorNumber(text: string): number {
  return wholeNumber(text, 0, 0xffff_ffff);
}
