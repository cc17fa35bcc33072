import { DongleError } from '../errors.ts';
import { idOf } from './dongle-book.ts';
import type { Ledger } from './ledger.ts';
import type { ContextTarget } from './plan-update.ts';
import { checkKnown } from './seen.ts';

/**
 * Takes updates back that a dongle has not applied, from this number on: the next one gets the first
 * of their numbers. That is for an update which the dongle cannot apply, and which would stand in the
 * way of all others. Whoever applies a file with them all the same has parted from this ledger.
 *
 * @param target - a context of the dongle: nobody else knows what it has applied
 * @returns the numbers that were taken back
 * @throws DongleError `INVALID_ARGUMENT` for updates that were applied or never issued,
 * `UPDATE_FORKED`, `FILE_FAILED`
 */
export async function takeBack(
  ledger: Ledger,
  { dongle, seen }: ContextTarget,
  from: number,
  at: string,
): Promise<readonly number[]> {
  const book = ledger.find(idOf(dongle)) ?? ledger.bySerial(dongle.serial);
  checkKnown(dongle.serial, book, seen);
  const applied = Math.max(seen.number, book.confirmed);
  if (from <= applied) {
    throw new DongleError(
      'INVALID_ARGUMENT',
      `Dongle ${dongle.serial} has applied update ${applied}, which cannot be taken back; undo it with another update.`,
    );
  }
  const numbers = book.issued.map(({ number }) => number).filter((number) => number >= from);
  if (numbers.length === 0) {
    throw new DongleError(
      'INVALID_ARGUMENT',
      `Dongle ${dongle.serial} was sent ${book.issued.length} updates, so there is no update ${from} to take back.`,
    );
  }
  await book.append({ at, ...seen });
  await book.append({ at, kind: 'withdrawn', from });
  return numbers;
}
