import type { Reading } from './figure.ts';

const round = (value: number) => Number(value.toPrecision(4));

/** Three digits, or all of a larger number, never an exponent. */
const digits = (value: number) => (value < 100 ? value.toPrecision(3) : value.toFixed(0));

/** One line of `--json`. */
export function jsonLine({ name, against, value, unit, ratio }: Reading): string {
  const rounded = ratio === null ? null : round(ratio);
  return JSON.stringify({ name, against, value: round(value), unit, ratio: rounded });
}

const columns = [20, 14, 14, 14, 10, 16] as const;

function row(cells: readonly string[]): string {
  return cells
    .map((cell, i) =>
      i < 2 || i > 4 ? cell.padEnd(columns[i] ?? 0) : cell.padStart(columns[i] ?? 0),
    )
    .join('  ')
    .trimEnd();
}

/** A table for people, with what is met and what is not under it. */
export function table(readings: readonly Reading[]): string {
  const lines = [row(['figure', 'against', 'ours', 'other', 'ratio', 'target'])];
  for (const { name, against, value, unit, other, ratio, target, met } of readings) {
    const time = (amount: number) => `${digits(amount)} ${unit}`;
    const wanted = `${target}${met ? '' : '  MISSED'}`;
    const otherTime = other === undefined ? '' : time(other);
    lines.push(row([name, against, time(value), otherTime, ratio?.toFixed(3) ?? '', wanted]));
  }
  const missed = readings.filter(({ met }) => !met);
  lines.push('', `${readings.length - missed.length} of ${readings.length} targets met.`);
  for (const { name, against, value, unit, ratio, target } of missed) {
    const was = ratio === null ? `${digits(value)} ${unit}` : `${ratio.toFixed(3)} ×`;
    lines.push(`Missed: ${name} against ${against} is ${was}, not ${target}.`);
  }
  return lines.join('\n');
}
