import { fromHex, toHex } from '../bytes.ts';
import { DongleError } from '../errors.ts';
import { type Context, noUpdate, type Receipt } from '../protocol/updates/index.ts';
import type { DongleBook } from './dongle-book.ts';
import type { LicenseLeft, SeenEntry } from './ledger-entries.ts';

/** What a context says to this vendor. */
export function seenInContext(vendor: number, context: Context): SeenEntry {
  const state = context.vendors.find((each) => each.vendor === vendor);
  return {
    kind: 'context',
    number: state?.number ?? 0,
    last: toHex(state?.last ?? noUpdate),
    licenses: leftOf(vendor, context.licenses),
  };
}

/** What a receipt says. */
export function seenInReceipt({ state, licenses }: Receipt): SeenEntry {
  const { vendor, number, last } = state;
  return { kind: 'receipt', number, last: toHex(last), licenses: leftOf(vendor, licenses) };
}

function leftOf(vendor: number, licenses: Context['licenses']): readonly LicenseLeft[] {
  return licenses
    .filter((license) => license.vendor === vendor)
    .map(({ vendor: _, ...license }) => license);
}

/**
 * Refuses what a dongle says of updates that this ledger has not issued: another ledger has, and two
 * of them would number their updates alike.
 *
 * @throws DongleError `UPDATE_FORKED`
 */
export function checkKnown(serial: string, book: DongleBook | undefined, seen: SeenEntry): void {
  const { number, last } = seen;
  if (number === 0) return;
  const issued = book?.issued.find((each) => each.number === number);
  if (issued?.id === last) return;
  const taken = book?.withdrawn.find(({ id }) => id === last);
  const what =
    taken !== undefined
      ? `update ${number}, which was taken back at ${taken.at}`
      : issued === undefined
        ? `update ${number}, and this ledger has issued ${book?.issued.length ?? 0}`
        : `another update ${number} than this ledger has issued`;
  throw new DongleError(
    'UPDATE_FORKED',
    `Dongle ${serial} has had ${what}: use the ledger that issued it, or a copy that is up to date.`,
  );
}

/** The id of the update before the next one. */
export function lastIdOf(book: DongleBook | undefined): Uint8Array {
  const last = book?.issued.at(-1);
  return last === undefined ? noUpdate : fromHex(last.id);
}
