import { type Command, InvalidArgumentError } from 'commander';
import { fromHex } from '../bytes.ts';
import { replaceWhole } from '../host/whole-file.ts';
import { signTime } from '../protocol/updates/index.ts';
import { formatDate } from '../vendor/plan-values.ts';
import { type PassphraseOptions, passphraseFrom, passphraseOption } from './passphrase.ts';
import { printJson } from './report.ts';
import { folderOption, type VendorOptions, withLedger } from './vendor-options.ts';

interface TimeOptions extends VendorOptions, PassphraseOptions {
  readonly dongle: string;
  readonly nonce: Uint8Array;
  readonly output: string;
  readonly json?: true;
}

/** `latchkey vendor time`: tells a dongle the time, so that it may believe it. */
export function addVendorTime(vendor: Command): void {
  vendor
    .command('time')
    .description('Certify this machine’s time for the nonce of a dongle’s session.')
    .requiredOption('--dongle <serial>', 'a dongle of the ledger')
    .requiredOption('--nonce <hex>', 'what the dongle has drawn: 32 hexadecimal digits', nonceBytes)
    .requiredOption('-o, --output <file>', 'where the certified time goes')
    .addOption(folderOption())
    .option(...passphraseOption)
    .option('--json', 'print one JSON object: { ok, serial, time, output }')
    .addHelpText(
      'after',
      `
A program reads the nonce with dongle.time.read() and gives the file to dongle.time.certify() in the
same session; the nonce is good for one time. A dongle believes the vendor that has made it, and no
other. See to it that this machine's clock is right.

Example:
  latchkey vendor time --dongle LK-0001 --nonce 00112233445566778899aabbccddeeff -o now.lkt`,
    )
    .action(certifyTime);
}

async function certifyTime(options: TimeOptions): Promise<void> {
  const { dongle: serial, nonce, output } = options;
  const passphrase = await passphraseFrom(options);
  const time = Math.floor(Date.now() / 1000);
  const file = await withLedger(options, async (vendor, ledger) => {
    const book = ledger.bySerial(serial);
    const key = await vendor.key('time', passphrase);
    return signTime(await vendor.certificate('time'), key, { dongle: book.id, nonce, time });
  });
  await replaceWhole(output, file);
  if (options.json) printJson({ ok: true, serial, time: formatDate(time), output });
  else process.stdout.write(`The time ${formatDate(time)} for dongle ${serial} is in ${output}.\n`);
}

function nonceBytes(text: string): Uint8Array {
  if (!/^[0-9a-f]{32}$/i.test(text)) throw new InvalidArgumentError('Give 32 hexadecimal digits.');
  return fromHex(text);
}
