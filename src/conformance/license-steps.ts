import type { ErrorCode } from '../errors.ts';
import type { Step } from './case.ts';
import { caseTime, demoVendor } from './demo-licenses.ts';
import type { Expected, Value } from './step-data.ts';

/** What a call with a license comes to. */
export interface Outcome {
  readonly result?: Readonly<Record<string, Expected>>;
  readonly error?: ErrorCode;
  readonly save?: Readonly<Record<string, string>>;
}

/** A command about a license. */
export function ask(
  command: string,
  product: number,
  fields: Readonly<Record<string, Value>> = {},
  outcome: Outcome = {},
  on = 'a',
): Step {
  return {
    do: 'call',
    on,
    command,
    fields: { vendor: demoVendor, product, ...fields },
    ...outcome,
  };
}

/** A question, which is answered so. */
export function check(
  product: number,
  fields: Readonly<Record<string, Value>>,
  outcome: Outcome,
): Step {
  return ask('checkLicense', product, fields, outcome);
}

export const session: Step = { do: 'session', on: 'a' };

/** Tells the device the time: so many seconds after `caseTime`. */
export function offer(seconds: number): Step {
  return { do: 'call', on: 'a', command: 'offerTime', fields: { time: caseTime + seconds } };
}
