import type { ErrorCode } from '../errors.ts';
import type { Step } from './case.ts';
import { check } from './license-steps.ts';
import type { UpdateStep } from './update-steps.ts';

type Issue = UpdateStep & { readonly do: 'issue' };

/** A product that the device does not have from the beginning. */
export const product = 500;

export const put = { putLicense: { fields: { product, units: 10 } } };
export const add = { addUnits: { fields: { product, units: 5 } } };

export function context(as = 'context', on = 'a'): Step {
  return { do: 'call', on, command: 'makeContext', save: { file: as } };
}

export function issue(as: string, updates: Issue['updates'], more: Partial<Issue> = {}): Step {
  return { do: 'issue', as, context: 'context', updates, ...more };
}

/** Sends a file and applies it. */
export function apply(
  file: string,
  outcome: { readonly applied: number } | { readonly error: ErrorCode },
  on = 'a',
): Step[] {
  return [
    ...sendFile(file, on),
    {
      ...{ do: 'call', on, command: 'applyUpdate' },
      ...('error' in outcome
        ? outcome
        : { result: { applied: outcome.applied }, save: { receipt: 'receipt' } }),
    },
  ];
}

export function sendFile(file: string, on = 'a'): Step[] {
  return [
    { do: 'call', on, command: 'beginUpdate', fields: { size: { saved: `${file}.bytes` } } },
    write(0, { saved: file }, {}, on),
  ];
}

export function write(
  offset: number,
  data: { saved: string; slice?: readonly [number, number]; flip?: number },
  outcome: { readonly error?: ErrorCode } = {},
  on = 'a',
): Step {
  return { do: 'call', on, command: 'writeUpdate', fields: { offset, data }, ...outcome };
}

export const unitsLeft = (units: number) => check(product, {}, { result: { unitsLeft: units } });
export const noLicense = check(product, {}, { error: 'LICENSE_NOT_FOUND' });
