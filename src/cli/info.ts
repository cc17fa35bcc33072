import { type Command, Option } from 'commander';
import { connect } from '../client/connect.ts';
import type { FaceName } from '../link.ts';
import { plugEmulated } from './emulated.ts';
import { printJson } from './report.ts';
import { trustFrom } from './trust.ts';

interface InfoOptions {
  readonly emulated: true;
  readonly flash?: string;
  readonly face: FaceName;
  readonly serial?: string;
  readonly root?: string[];
  readonly production?: true;
  readonly json?: true;
}

/** `latchkey info`: who a dongle is, after checking that it is genuine. */
export function addInfo(program: Command): void {
  program
    .command('info')
    .description('Connect to a dongle, check its certificate and tell who it is.')
    .requiredOption('--emulated', 'an emulated dongle inside this process')
    .option('--flash <file>', 'where the emulated dongle lives; made if there is no such file')
    .addOption(
      new Option('--face <face>', 'the USB function to use')
        .choices(['hid', 'vendor'])
        .default('hid'),
    )
    .option('--serial <serial>', 'the serial that the dongle must have')
    .option('--root <file...>', 'trust these root files instead of the TEST root')
    .option('--production', 'refuse dongles with TEST certificates')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  latchkey info --emulated
  latchkey info --emulated --flash box.flash --serial LK-0001 --json`,
    )
    .action(info);
}

async function info(options: InfoOptions): Promise<void> {
  const trust = await trustFrom(options);
  const port = await plugEmulated(options);
  try {
    await using dongle = await connect(port.source(options.face), {
      trust,
      ...(options.serial === undefined ? {} : { serial: options.serial }),
    });
    const { identity, face } = dongle;
    if (options.json) {
      printJson({ ok: true, dongle: { ...identity, face } });
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
        '',
      ].join('\n'),
    );
  } finally {
    port.unplug();
  }
}
