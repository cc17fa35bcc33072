import type { Command } from 'commander';
import { attach as attachToKernel } from '../host/vhci.ts';
import type { UsbIpAddress } from '../protocol/usbip/index.ts';
import { printJson } from './report.ts';
import { usbIpOption } from './usbip-option.ts';

interface AttachOptions {
  readonly usbip: UsbIpAddress;
  readonly json?: true;
}

/** `latchkey attach`: makes an exported dongle a USB device of this machine. */
export function addAttach(program: Command): void {
  program
    .command('attach')
    .description('Attach a dongle that a USB/IP server exports to this machine. Needs root.')
    .argument('[busid]', 'which dongle, as the server names it; may be left out if it has only one')
    .addOption(usbIpOption())
    .option('--json', 'print one JSON object: { ok, attachment: { port, busId, localBusId } }')
    .addHelpText(
      'after',
      `
Linux only, and the kernel module has to be loaded:  sudo modprobe vhci-hcd

Examples:
  sudo latchkey attach
  sudo latchkey attach 1-2 --usbip unix:/tmp/latchkey.sock`,
    )
    .action(attach);
}

async function attach(busId: string | undefined, options: AttachOptions): Promise<void> {
  const attachment = await attachToKernel(options.usbip, busId);
  if (options.json) {
    printJson({ ok: true, attachment });
    return;
  }
  const { port, localBusId } = attachment;
  process.stdout.write(
    `Attached ${attachment.busId} as USB device ${localBusId}. Detach it with:  sudo latchkey detach ${port}\n`,
  );
}
