import { DongleError, errorTable } from '../errors.ts';
import type { License } from '../protocol/licenses/index.ts';
import { encode } from '../protocol/schema/index.ts';
import { type Operation, operationSchema } from '../protocol/updates/index.ts';
import type { Reply } from './firmware/handler.ts';
import { putLicense, type SeatRow, setSeats } from './firmware/licenses/index.ts';
import { Draft } from './firmware/store/draft.ts';
import type { Change } from './firmware/store/store.ts';
import type { Model } from './models.ts';

/**
 * What an empty store gets so that it has these licenses, all of that vendor, and this license table.
 *
 * @throws DongleError `INVALID_ARGUMENT` or `NO_SPACE`
 */
export function firstLicenses(
  model: Model,
  licenses: readonly License[],
  rows: readonly SeatRow[],
  vendor: number,
): readonly Change[] {
  const draft = new Draft({ get: () => undefined, count: () => 0 });
  for (const license of licenses) {
    const name = `The license ${license.product}`;
    checkOperation(name, { putLicense: license });
    check(name, putLicense(draft, model, vendor, license));
  }
  for (const row of rows) {
    const name = `The row ${row.application} of the license table`;
    checkOperation(name, { setSeats: row });
    check(name, setSeats(draft, row.application, row.seats));
  }
  return draft.changes;
}

/** Refuses what could not be said in an update either. */
function checkOperation(name: string, operation: Operation): void {
  try {
    encode(operationSchema, operation);
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new DongleError('INVALID_ARGUMENT', `${name} cannot be: ${detail}.`, { cause });
  }
}

function check(name: string, put: Reply<unknown>): void {
  if (put.ok) return;
  throw new DongleError(put.code, `${name} cannot be made. ${errorTable[put.code].meaning}`);
}
