import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { figures } from './figures/index.ts';
import type { Reading } from './harness/figure.ts';
import { measureHere, measuringArgument, read } from './harness/processes.ts';
import { jsonLine, table } from './harness/report.ts';

const program = fileURLToPath(import.meta.url);

const usage = `npm run bench -- [options]

  --json          one line for each figure: {"name","against","value","unit","ratio"}
  --only NAME     only the figures of this name (packets-1k, handshake, …); may be repeated
  --rounds N      rounds of each comparison (default 300)
  --check         exit with 1 if a target is missed
  --help          this text
`;

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function measureOne([name, against, rounds]: readonly string[]): Promise<void> {
  for (const figure of figures) {
    if (!('prepare' in figure) || figure.name !== name || figure.against !== against) continue;
    process.stdout.write(JSON.stringify(await measureHere(figure, Number(rounds))));
  }
  // A peer may have left a timer running.
  process.exit();
}

async function bench(): Promise<number> {
  const { values } = parseArgs({
    options: {
      json: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true },
      rounds: { type: 'string', default: '300' },
      check: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }
  const rounds = Number(values.rounds);
  if (!Number.isSafeInteger(rounds) || rounds < 1)
    throw new Error('--rounds takes a number from 1');
  const names = [...new Set(figures.map(({ name }) => name))];
  const unknown = values.only?.find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw new Error(`there is no figure ${unknown}; there are ${names.join(', ')}`);
  }

  const readings: Reading[] = [];
  let failures = 0;
  for (const figure of figures) {
    if (values.only !== undefined && !values.only.includes(figure.name)) continue;
    const against = 'against' in figure ? ` against ${figure.against}` : '';
    process.stderr.write(`measuring ${figure.name}${against}\n`);
    try {
      const reading = await read(figure, rounds, program);
      readings.push(reading);
      if (values.json) process.stdout.write(`${jsonLine(reading)}\n`);
    } catch (error) {
      // The other figures are still worth having.
      failures++;
      process.stderr.write(`bench: ${figure.name}${against} failed: ${messageOf(error)}\n`);
    }
  }
  if (!values.json && readings.length > 0) process.stdout.write(`\n${table(readings)}\n`);
  if (failures > 0) return 2;
  return values.check && readings.some(({ met }) => !met) ? 1 : 0;
}

const [mode, ...parameters] = process.argv.slice(2);
if (mode === measuringArgument) {
  await measureOne(parameters);
} else {
  try {
    process.exitCode = await bench();
  } catch (error) {
    process.stderr.write(`bench: ${messageOf(error)}\n`);
    process.exitCode = 2;
  }
}
