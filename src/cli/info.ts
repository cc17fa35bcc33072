import { type Command, Option } from 'commander';
import type { FaceName } from '../link.ts';
import { type ConnectOptions, connect, type Dongle } from '../node.ts';
import { plugEmulated } from './emulated.ts';
import { printJson } from './report.ts';
import { trustFrom } from './trust.ts';

interface InfoOptions {
  readonly emulated?: true;
  readonly flash?: string;
  readonly face?: FaceName;
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
    .option('--serial <serial>', 'the serial that the dongle must have')
    .addOption(
      new Option(
        '--face <face>',
        'the USB function to use (default: hid where there is one)',
      ).choices(['hid', 'vendor']),
    )
    .option('--emulated', 'an emulated dongle inside this process')
    .addOption(
      new Option(
        '--flash <file>',
        'where the emulated dongle lives; made if there is no such file',
      ).implies({ emulated: true }),
    )
    .option('--root <file...>', 'trust these root files instead of the TEST root')
    .option('--production', 'refuse dongles with TEST certificates')
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
    .action(info);
}

async function info(options: InfoOptions): Promise<void> {
  const { serial, face } = options;
  const connecting: ConnectOptions = {
    trust: await trustFrom(options),
    ...(serial === undefined ? {} : { serial }),
  };
  if (!options.emulated) {
    await using dongle = await connect({ ...connecting, ...(face === undefined ? {} : { face }) });
    tell(dongle, options);
    return;
  }
  const port = await plugEmulated(options);
  try {
    await using dongle = await connect(port.source(face ?? 'hid'), connecting);
    tell(dongle, options);
  } finally {
    port.unplug();
  }
}

function tell({ identity, face }: Dongle, { json }: InfoOptions): void {
  if (json) {
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
}
