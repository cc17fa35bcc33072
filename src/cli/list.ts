import type { Command } from 'commander';
import { type FoundDongle, listDongles } from '../node.ts';
import { printJson } from './report.ts';

/** `latchkey list`: the dongles that are attached to this machine. */
export function addList(program: Command): void {
  program
    .command('list')
    .description('List the dongles that are attached to this machine.')
    .option('--json', 'print one JSON object: { ok, dongles: [{ serial, product, faces, path }] }')
    .action(list);
}

async function list(options: { readonly json?: true }): Promise<void> {
  const dongles = await listDongles();
  if (options.json) printJson({ ok: true, dongles: dongles.map(listed) });
  else process.stdout.write(dongleTable(dongles));
}

/** What programs are told; `path` is that of the first face. */
export function listed({ serial, product, faces }: FoundDongle) {
  return {
    serial: serial ?? null,
    product: product ?? null,
    faces: faces.map(({ face }) => face),
    path: faces[0].path ?? null,
  };
}

/** What a person is told. */
export function dongleTable(dongles: readonly FoundDongle[]): string {
  if (dongles.length === 0) {
    return 'No dongle is attached: plug one in and try again.\nWithout one, try  latchkey info --emulated\n';
  }
  const rows = dongles
    .map(listed)
    .map(({ serial, product, faces, path }) => [
      serial ?? '?',
      product ?? '?',
      faces.join(', '),
      path ?? '?',
    ]);
  rows.unshift(['serial', 'product', 'faces', 'path']);
  const widths = rows[0]?.map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0))) ?? [];
  return rows
    .map((row) => row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  '))
    .map((line) => `${line.trimEnd()}\n`)
    .join('');
}
