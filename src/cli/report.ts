import { DongleError } from '../errors.ts';

/** What the process tells its caller. */
export const exitCodes = { done: 0, failed: 1, usage: 2 } as const;

/** One JSON object on standard output. */
export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, undefined, 2)}\n`);
}

/** One JSON object on one line of standard output, as a program that is told several wants it. */
export function printJsonLine(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

/** Tells a person, or with `json` a program, what went wrong. */
export function reportError(error: unknown, json: boolean): void {
  const code = error instanceof DongleError ? error.code : 'UNEXPECTED';
  const message = error instanceof Error ? error.message : String(error);
  if (json) printJsonLine({ ok: false, error: { code, message } });
  else process.stderr.write(`latchkey: ${message}\n`);
  // An error that latchkey has no name for is a defect; whoever mends it needs the place.
  if (!(error instanceof DongleError) && error instanceof Error) {
    process.stderr.write(`${error.stack}\n`);
  }
}
