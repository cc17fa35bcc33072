import type { Command } from 'commander';
import { judgeSharing } from '../client/sharing.ts';
import { inspectDevices } from '../host/neighbours.ts';
import { type FoundDongle, listDongles, type SharingReport } from '../node.ts';
import { printJson } from './report.ts';
import { sharingLines } from './sharing-lines.ts';

/** What is told of a dongle; `path` is that of the first face. */
export interface ListedDongle {
  readonly serial: string | null;
  readonly product: string | null;
  readonly faces: readonly string[];
  readonly path: string | null;
  /** As far as this machine shows it; only a session hears the dongle itself. */
  readonly sharing: SharingReport;
}

/** `latchkey list`: the dongles that are attached to this machine. */
export function addList(program: Command): void {
  program
    .command('list')
    .description('List the dongles that are attached to this machine.')
    .option(
      '--json',
      'print one JSON object: { ok, dongles: [{ serial, product, faces, path, sharing }] }',
    )
    .action(list);
}

async function list(options: { readonly json?: true }): Promise<void> {
  const found = await listDongles();
  const evidence = await inspectDevices(found.map(({ faces }) => faces[0].path));
  const dongles = found.map((dongle, i) => listed(dongle, judgeSharing(evidence[i] ?? [])));
  if (options.json) printJson({ ok: true, dongles });
  else process.stdout.write(dongleTable(dongles));
}

/** What programs are told. */
export function listed(
  { serial, product, faces }: FoundDongle,
  sharing: SharingReport,
): ListedDongle {
  return {
    serial: serial ?? null,
    product: product ?? null,
    faces: faces.map(({ face }) => face),
    path: faces[0].path ?? null,
    sharing,
  };
}

/** What a person is told. */
export function dongleTable(dongles: readonly ListedDongle[]): string {
  if (dongles.length === 0) {
    return 'No dongle is attached: plug one in and try again.\nWithout one, try  latchkey info --emulated\n';
  }
  const rows = dongles.map(({ serial, product, faces, path, sharing }) => [
    serial ?? '?',
    product ?? '?',
    faces.join(', '),
    path ?? '?',
    sharing.verdict,
  ]);
  rows.unshift(['serial', 'product', 'faces', 'path', 'sharing']);
  const widths = rows[0]?.map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0))) ?? [];
  const lines = rows.map((row) => row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  '));
  const reasons = dongles.flatMap(({ serial, sharing }) =>
    sharingLines(sharing).map((line) => `${serial ?? '?'}: ${line}`),
  );
  return [...lines, ...reasons].map((line) => `${line.trimEnd()}\n`).join('');
}
