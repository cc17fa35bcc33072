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
import type { TrustStore } from '../protocol/certificates/index.ts';
import { plugEmulated } from './emulated.ts';
import { trustFrom } from './trust.ts';

/** Which dongle a command is for, and who asks. */
export interface DongleOptions {
  readonly emulated?: true;
  readonly flash?: string;
  readonly face?: FaceName;
  readonly serial?: string;
  readonly state?: string;
  readonly root?: string[];
  readonly production?: true;
}

/** Adds the options that say which dongle. */
export function addDongleOptions(command: Command): Command {
  return command
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
    .option('--production', 'refuse dongles with TEST certificates');
}

/** Opens the dongle that the options name, does the work, and closes it again. */
export async function withDongle(
  options: DongleOptions,
  work: (dongle: Dongle, trust: TrustStore) => Promise<void>,
): Promise<void> {
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
    await work(dongle, trust);
    return;
  }
  const port = await plugEmulated(options);
  try {
    await using dongle = await connect(port.source(face ?? 'hid'), connecting);
    await work(dongle, trust);
  } finally {
    port.unplug();
  }
}

/** Who this machine is to the dongle; undefined for what it is to all. */
async function runtimeFor({ state, emulated, flash }: DongleOptions): Promise<Runtime | undefined> {
  if (state !== undefined) return openRuntime({ folder: state });
  // A dongle that is made and gone within this process is nothing to remember.
  return emulated && flash === undefined ? createRuntime() : undefined;
}
