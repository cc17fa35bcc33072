import type { Command } from 'commander';
import type { Dongle } from '../node.ts';
import { addDongleOptions, type DongleOptions, withDongle } from './dongle-options.ts';
import { printJson } from './report.ts';
import { sharingLines } from './sharing-lines.ts';

interface InfoOptions extends DongleOptions {
  readonly json?: true;
}

/** `latchkey info`: who a dongle is, after checking that it is genuine. */
export function addInfo(program: Command): void {
  const info = program
    .command('info')
    .description('Connect to a dongle, check its certificate and tell who it is.');
  addDongleOptions(info)
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  latchkey info
  latchkey info --serial LK-0001 --face vendor
  latchkey info --emulated
  latchkey info --emulated --flash box.flash --serial LK-0001 --json`,
    )
    .action((options: InfoOptions) => withDongle(options, (dongle) => tell(dongle, options)));
}

async function tell(dongle: Dongle, { json }: InfoOptions): Promise<void> {
  const { identity, face, epoch, licensed } = dongle;
  const sharing = await dongle.sharing();
  if (json) {
    printJson({ ok: true, dongle: { ...identity, face, epoch, licensed, sharing } });
    return;
  }
  const kind = identity.test ? 'TEST certificate, proves nothing' : 'genuine';
  process.stdout.write(
    [
      `serial        ${identity.serial}`,
      `model         ${identity.model}`,
      `vendor        ${identity.vendor}`,
      `capabilities  ${identity.capabilities.join(', ')}`,
      `certificate   ${kind} (root: ${identity.rootName})`,
      `reached by    ${face}`,
      `binding       epoch ${epoch}, ${licensed ? 'licensed' : 'not licensed'}`,
      `sharing       ${sharing.verdict}`,
      ...sharingLines(sharing).map((line) => `              ${line}`),
      '',
    ].join('\n'),
  );
}
