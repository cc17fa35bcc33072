import { createInterface, type Interface } from 'node:readline';
import { type Command, Option } from 'commander';
import type { UsbSpeed } from '../emulator/board/usb-controller.ts';
import { readManufactureBlock } from '../emulator/firmware/manufacture-block.ts';
import {
  type EmulatedDongle,
  type ModelName,
  seededRandom,
  UsbIpServer,
} from '../emulator/index.ts';
import { DongleError } from '../errors.ts';
import { formatUsbIpAddress, type UsbIpAddress } from '../protocol/usbip/index.ts';
import { emulate as makeDongle } from './emulated.ts';
import { modelOption } from './model-option.ts';
import { wholeNumber } from './numbers.ts';
import { printJsonLine, reportError } from './report.ts';
import { usbIpOption, usbIpWords } from './usbip-option.ts';

interface EmulateOptions {
  readonly usbip: UsbIpAddress;
  readonly flash?: string;
  readonly serial?: string;
  readonly seed?: number;
  readonly model: ModelName;
  readonly count: number;
  readonly hosts: number;
  readonly lockout?: number;
  readonly lease?: number;
  readonly speed: UsbSpeed;
  readonly allowRemote?: true;
  readonly json?: true;
}

/** What happens while dongles are exported, for programs: one JSON object a line. */
type Report =
  | {
      readonly event: 'listening';
      readonly address: string;
      readonly dongles: readonly { busId: string; serial: string; speed: UsbSpeed }[];
    }
  | { readonly event: 'attached' | 'detached' | 'switched' | 'shared'; readonly busId: string };

/** `latchkey emulate`: emulated dongles as USB devices, for this machine's kernel or another's. */
export function addEmulate(program: Command): void {
  program
    .command('emulate')
    .description('Export emulated dongles over USB/IP, until it is stopped with Ctrl-C.')
    .addOption(usbIpOption())
    .option('--flash <file>', 'where the dongle lives; made if there is no such file')
    .option('--serial <serial>', 'the serial of the dongle')
    .option('--seed <number>', 'take all randomness from this number, the serial too', seedNumber)
    .addOption(modelOption())
    .option('--count <number>', 'how many dongles, 1 to 127', countNumber, 1)
    .addOption(
      new Option('--speed <speed>', 'how fast the bus is')
        .choices(['full', 'high'])
        .default('high'),
    )
    .option('--hosts <number>', 'put each dongle into a hub for so many hosts', countNumber, 1)
    .option('--lockout <seconds>', 'how long a new dongle locks, instead of 300 s', secondsNumber)
    .option('--lease <seconds>', 'the lease of a new dongle, instead of 10 s', secondsNumber)
    .option('--allow-remote', 'listen on an address that other machines reach')
    .option('--json', 'print one JSON object a line: listening, attached, detached, …')
    .addHelpText(
      'after',
      `
With --count, the dongles live in FILE-1, FILE-2, … and have the serials SERIAL-1, SERIAL-2, …
With --hosts 2, the first dongle is 1-1 for one host and 1-2 for another. The hub gives it to one of
them, at first 1-1, and does as it is told on standard input, one line each:
  switch 1-2   pulls the dongle out, and gives it to this host
  share 1-1    gives it to all its hosts at once, without a replug, which is wrong
  unplug 1-2   pulls it out there
USB/IP has no authentication: whoever can connect can use the dongles.

Examples:
  latchkey emulate --flash box.flash --serial LK-0001
  latchkey emulate --count 2 --seed 7 --usbip unix:/tmp/latchkey.sock
  latchkey emulate --hosts 2 --lockout 3`,
    )
    .action(emulate);
}

async function emulate(options: EmulateOptions): Promise<void> {
  const { usbip, count, hosts, speed, json = false } = options;
  const dongles: EmulatedDongle[] = [];
  for (let i = 1; i <= count; i++)
    dongles.push(await dongleOf(options, count === 1 ? '' : `-${i}`));

  const tell = (report: Report) => {
    if (json) printJsonLine(report);
    else process.stdout.write(`${spoken(report)}\n`);
  };
  await using server = new UsbIpServer(
    dongles.map((dongle) => ({ dongle, speed, hosts })),
    {
      attached: (busId) => tell({ event: 'attached', busId }),
      detached: (busId) => tell({ event: 'detached', busId }),
    },
  );
  const stopped = new Promise<unknown>((stop) => {
    for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, stop);
    // Whoever read what is told here has gone.
    process.stdout.once('error', stop);
  });
  const address = await server.listen({ ...usbip, anyone: options.allowRemote === true });
  tell({
    event: 'listening',
    address: formatUsbIpAddress(address),
    dongles: server.busIds.map((busId, i) => ({
      busId,
      serial: serialOf(dongles[Math.floor(i / hosts)] as EmulatedDongle) as string,
      speed,
    })),
  });
  const hub = hosts > 1 ? takeOrders(server, tell) : undefined;
  await stopped;
  hub?.close();
}

/** What the hub is told on standard input. */
function takeOrders(server: UsbIpServer, tell: (report: Report) => void): Interface {
  const lines = createInterface({ input: process.stdin });
  lines.on('line', (line) => {
    const [verb, busId = '1-1'] = line.trim().split(/\s+/);
    try {
      if (verb === 'switch') {
        server.switchTo(busId);
        tell({ event: 'switched', busId });
      } else if (verb === 'share') {
        server.share(busId);
        tell({ event: 'shared', busId });
      } else if (verb === 'unplug') {
        server.unplug(busId);
      } else if (line.trim() !== '') {
        process.stderr.write('latchkey: Say switch, share or unplug, and a bus id.\n');
      }
    } catch (error) {
      reportError(error, false);
    }
  });
  return lines;
}

/** One of the dongles; `suffix` tells them apart. */
async function dongleOf(options: EmulateOptions, suffix: string): Promise<EmulatedDongle> {
  const { flash, serial, seed, model, lockout, lease } = options;
  const dongle = await makeDongle({
    flash: flash && flash + suffix,
    serial: serial && serial + suffix,
    model,
    random: seed === undefined ? undefined : seededRandom(`${seed}${suffix}`),
    rules: {
      ...(lockout === undefined ? {} : { lockoutMs: lockout * 1000 }),
      ...(lease === undefined ? {} : { leaseMs: lease * 1000 }),
    },
  });
  const found = serialOf(dongle);
  if (serial !== undefined && found !== undefined && found !== serial + suffix) {
    throw new DongleError(
      'SERIAL_MISMATCH',
      `${flash}${suffix} holds ${found}, not ${serial}${suffix}; leave --serial out or give another file.`,
    );
  }
  return dongle;
}

function serialOf(dongle: EmulatedDongle): string | undefined {
  const block = readManufactureBlock(dongle.board.flash);
  return block.ok ? block.value.serial : undefined;
}

function spoken(report: Report): string {
  if (report.event !== 'listening') return `${report.busId} ${report.event}`;
  const { address, dongles } = report;
  const busId = dongles.length === 1 ? '' : ` ${dongles[0]?.busId}`;
  return [
    `Exported over USB/IP at ${address}:`,
    ...dongles.map((each) => `  ${each.busId}  ${each.serial}  ${each.speed} speed`),
    `Attach ${busId === '' ? 'it' : 'one'} to this machine with:  sudo latchkey attach${busId}${usbIpWords(address)}`,
  ].join('\n');
}

function secondsNumber(text: string): number {
  return wholeNumber(text, 1, 86_400);
}

function countNumber(text: string): number {
  return wholeNumber(text, 1, 127);
}

function seedNumber(text: string): number {
  return wholeNumber(text, 0, Number.MAX_SAFE_INTEGER);
}
