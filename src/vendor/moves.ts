import { toHex } from '../bytes.ts';
import type { Operation } from '../protocol/updates/index.ts';
import type { DongleBook, IssuedUpdate } from './dongle-book.ts';
import { type HeldLicense, licensesAfter } from './held-licenses.ts';
import type { ArrivalNote, LicenseLeft, MoveNote } from './ledger-entries.ts';

// A license that moves is withdrawn from one dongle; only the receipt of that, which tells what was
// left, lets it be issued on the other. Until then it is on neither, and never on both.

/** A license that is on its way to another dongle. */
export interface Move extends MoveNote {
  readonly from: DongleBook;
  /** Of the update that takes it away. */
  readonly number: number;
  /** What the receipt told; undefined before it has come. */
  readonly left: LicenseLeft | undefined;
}

/** The licenses that have left a dongle, or will when it applies its updates. */
export function movesFrom(book: DongleBook): readonly Move[] {
  return book.issued.flatMap(({ number, moves }) =>
    moves.map((move) => ({
      ...move,
      from: book,
      number,
      left: leftBy(book, number, move.product),
    })),
  );
}

/** The first receipt since then that speaks of it: later ones speak of later withdrawals. */
function leftBy(book: DongleBook, number: number, product: number): LicenseLeft | undefined {
  for (const { kind, number: confirmed, licenses } of book.seen) {
    if (kind !== 'receipt' || confirmed < number) continue;
    // A dongle goes on to tell of earlier withdrawals; the last is this one.
    const left = licenses.filter((each) => each.product === product && each.withdrawn === 1).at(-1);
    if (left !== undefined) return left;
  }
  return undefined;
}

/**
 * Licenses whose receipt has come, and which have not been issued on the dongle with this serial yet.
 *
 * @param issued - what that dongle was sent
 */
export function arrivalsAt(
  serial: string,
  issued: readonly IssuedUpdate[],
  books: readonly DongleBook[],
): readonly Move[] {
  const arrived = issued.flatMap(({ arrivals }) => arrivals);
  return books
    .flatMap(movesFrom)
    .filter(({ to, left }) => to === serial && left !== undefined)
    .filter((move) => !arrived.some((note) => isOf(note, move)));
}

function isOf(note: ArrivalNote, move: Move): boolean {
  const { from, number, product } = noteOf(move);
  return note.from === from && note.number === number && note.product === product;
}

/** What the ledger of the other dongle remembers of a move. */
export function noteOf({ from, number, product }: Move): ArrivalNote {
  return { from: toHex(from.id), number, product };
}

/** What puts a moved license onto the other dongle, with what was left of it. */
export function operationsOf(move: Move): readonly Operation[] {
  const { license, state } = heldBefore(move);
  const { unitsLeft, firstUse } = move.left as LicenseLeft;
  const { units: _, usagePeriod, expiry, ...rest } = license;
  const end =
    usagePeriod === undefined || firstUse === undefined ? undefined : firstUse + usagePeriod;
  const moved = {
    ...rest,
    ...(unitsLeft === undefined ? {} : { units: unitsLeft }),
    // A period that has begun goes on; it does not begin again over there.
    ...(usagePeriod !== undefined && end === undefined ? { usagePeriod } : {}),
    ...(end === undefined && expiry === undefined
      ? {}
      : { expiry: Math.min(end ?? Number.POSITIVE_INFINITY, expiry ?? Number.POSITIVE_INFINITY) }),
  };
  const put: Operation = { putLicense: moved };
  if (state === 'active') return [put];
  return [put, { setLicenseState: { product: license.product, state } }];
}

/** The license as it was when the update took it away. */
function heldBefore({ from, number, product }: Move): HeldLicense {
  const operations: Operation[] = [];
  for (const issued of from.issued) {
    if (issued.number < number) operations.push(...issued.update.operations);
    else if (issued.number === number) operations.push(...before(issued, product));
  }
  const held = licensesAfter(operations).get(product);
  if (held === undefined) throw new RangeError(`license ${product} was not there to be moved`);
  return held;
}

function before({ update }: IssuedUpdate, product: number): readonly Operation[] {
  const end = update.operations.findIndex((each) => each.withdrawLicense?.product === product);
  return update.operations.slice(0, end);
}

/** The first license that waits for the receipt of its withdrawal. */
export function unsettledMove(book: DongleBook): Move | undefined {
  return movesFrom(book).find(({ left }) => left === undefined);
}
