import { type Command, InvalidArgumentError } from 'commander';
import { detach as detachFromKernel } from '../host/vhci.ts';
import { printJson } from './report.ts';

/** `latchkey detach`: takes back what `latchkey attach` did. */
export function addDetach(program: Command): void {
  program
    .command('detach')
    .description('Detach a dongle that came over USB/IP from this machine. Needs root.')
    .argument(
      '[port]',
      'which port, as attach told it; may be left out if only one is in use',
      portNumber,
    )
    .option('--json', 'print one JSON object: { ok, port }')
    .addHelpText(
      'after',
      `
Examples:
  sudo latchkey detach
  sudo latchkey detach 1`,
    )
    .action(detach);
}

async function detach(port: number | undefined, options: { readonly json?: true }): Promise<void> {
  const detached = await detachFromKernel(port);
  if (options.json) printJson({ ok: true, port: detached });
  else process.stdout.write(`Detached port ${detached}.\n`);
}

function portNumber(text: string): number {
  if (!/^\d{1,5}$/.test(text)) throw new InvalidArgumentError('Give the number of a port.');
  return Number(text);
}
