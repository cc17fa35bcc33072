import type { Command } from 'commander';
import { readWhole, replaceWhole } from '../host/whole-file.ts';
import { certifyDongle } from '../vendor/certify.ts';
import { type PassphraseOptions, passphraseFrom, passphraseOption } from './passphrase.ts';
import { printJson } from './report.ts';
import { folderOption, type VendorOptions, withLedger } from './vendor-options.ts';

/** What a dongle shows of itself is no longer, in bytes. */
const longestData = 4096;

interface CertifyOptions extends VendorOptions, PassphraseOptions {
  readonly output: string;
  readonly json?: true;
}

/** `latchkey vendor certify`: makes a dongle genuine. */
export function addVendorCertify(vendor: Command): void {
  vendor
    .command('certify')
    .description('Certify a dongle by its public data, and begin its book in the ledger.')
    .argument('<file>', 'JSON with the dongle’s public data')
    .requiredOption('-o, --output <file>', 'where the certificate chain goes')
    .addOption(folderOption())
    .option(...passphraseOption)
    .option('--json', 'print one JSON object: { ok, serial, model, output }')
    .addHelpText(
      'after',
      `
The file, whose private keys have never left the dongle:
  { "serial": "LK-0001", "model": "Standard",
    "staticKey": "hex:…", "signingKey": "hex:…",      X25519 and Ed25519, 32 bytes each
    "capabilities": ["aes", "rsa", "ecc", "memory", "licenses"] }

Example:
  latchkey vendor certify LK-0001.json -o LK-0001.chain`,
    )
    .action(certify);
}

async function certify(path: string, options: CertifyOptions): Promise<void> {
  const text = new TextDecoder().decode(await readWhole(path, longestData));
  const passphrase = await passphraseFrom(options);
  const { dongle, chain } = await withLedger(options, async (vendor, ledger) =>
    certifyDongle(
      ledger,
      text,
      {
        vendor: vendor.names.vendor,
        key: await vendor.key('issue', passphrase),
        certificate: await vendor.certificate('issue'),
      },
      new Date().toISOString(),
    ),
  );
  await replaceWhole(options.output, chain);
  const { serial, model } = dongle;
  if (options.json) printJson({ ok: true, serial, model, output: options.output });
  else process.stdout.write(`Certified ${model} ${serial}; its chain is in ${options.output}.\n`);
}
