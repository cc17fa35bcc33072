import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Comparison, Figure, Reading } from './figure.ts';
import { duel, type Round } from './measure.ts';
import { median } from './median.ts';

const execute = promisify(execFile);

/** What the program is called with when it is to measure one comparison and print its rounds. */
export const measuringArgument = 'measure-one';

/** Each comparison is measured in so many fresh processes, and their rounds are put together. */
const processes = 3;

/** Measures a figure; `rounds` is for the whole of a comparison. */
export async function read(figure: Figure, rounds: number, program: string): Promise<Reading> {
  if ('capacity' in figure) {
    const { name, against, unit, capacity, atLeastRatio } = figure;
    const value = await figure.measure();
    const ratio = value / capacity;
    const target = `at least ${atLeastRatio} ×`;
    return {
      name,
      against,
      value,
      unit,
      other: capacity,
      ratio,
      target,
      met: ratio >= atLeastRatio,
    };
  }
  if ('simulate' in figure) {
    const { name, unit } = figure;
    const value = figure.simulate();
    const isMost = 'atMost' in figure;
    const limit = isMost ? figure.atMost : figure.atLeast;
    const target = `at ${isMost ? 'most' : 'least'} ${limit} ${unit}`;
    const met = isMost ? value <= limit : value >= limit;
    return { name, against: 'none', value, unit, ratio: null, target, met };
  }
  if ('measure' in figure) {
    const { name, unit, atMost } = figure;
    const value = await figure.measure(15);
    const target = `at most ${atMost} ${unit}`;
    return { name, against: 'none', value, unit, ratio: null, target, met: value <= atMost };
  }
  const measured: Round[] = [];
  for (let i = 0; i < processes; i++) {
    measured.push(...(await measureApart(figure, Math.ceil(rounds / processes), program)));
  }
  const { name, against, atMostRatio } = figure;
  const ratio = median(measured.map(({ oursUs, otherUs }) => oursUs / otherUs));
  return {
    name,
    against,
    value: median(measured.map(({ oursUs }) => oursUs)),
    unit: 'µs',
    other: median(measured.map(({ otherUs }) => otherUs)),
    ratio,
    target: `at most ${atMostRatio} ×`,
    met: ratio <= atMostRatio,
  };
}

/**
 * In a fresh process, because what ran before in one decides how V8 compiles what comes after: the
 * same loop takes up to twice as long once it has seen other sizes.
 */
async function measureApart(
  { name, against }: Comparison,
  rounds: number,
  program: string,
): Promise<Round[]> {
  const parameters = [program, measuringArgument, name, against, String(rounds)];
  const { stdout } = await execute(process.execPath, parameters);
  return JSON.parse(stdout) as Round[];
}

/** What such a process does. */
export async function measureHere(comparison: Comparison, rounds: number): Promise<Round[]> {
  const { ours, other } = await comparison.prepare();
  return duel(ours, other, rounds);
}
