import { type Command, Option } from 'commander';
import type { FaceName } from '../link.ts';
import {
  type ConnectOptions,
  connect,
  createRuntime,
  type Dongle,
  openRuntime,
  type Runtime,
} from '../node.ts';
import { plugEmulated } from './emulated.ts';
import { printJson } from './report.ts';
import { sharingLines } from './sharing-lines.ts';
import { trustFrom } from './trust.ts';

interface InfoOptions {
  readonly emulated?: true;
  readonly flash?: string;
  readonly face?: FaceName;
  readonly serial?: string;
  readonly state?: string;
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
    .option(
      '--state <folder>',
      'where this machine keeps who it is to dongles (default: $LATCHKEY_STATE, or the system’s place)',
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
  const trust = await trustFrom(options);
  const runtime = await runtimeFor(options);
  const connecting: ConnectOptions = {
    trust,
    ...(runtime === undefined ? {} : { runtime }),
    ...(serial === undefined ? {} : { serial }),
  };
  if (!options.emulated) {
    await using dongle = await connect({ ...connecting, ...(face === undefined ? {} : { face }) });
    await tell(dongle, options);
    return;
  }
  const port = await plugEmulated(options);
  try {
    await using dongle = await connect(port.source(face ?? 'hid'), connecting);
    await tell(dongle, options);
  } finally {
    port.unplug();
  }
}

/** Who this machine is to the dongle; undefined for what it is to all. */
async function runtimeFor({ state, emulated, flash }: InfoOptions): Promise<Runtime | undefined> {
  if (state !== undefined) return openRuntime({ folder: state });
  // A dongle that is made and gone within this process is nothing to remember.
  return emulated && flash === undefined ? createRuntime() : undefined;
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
