import { DongleError } from '../errors.ts';
import type { Operation } from '../protocol/updates/index.ts';
import { checkOperations } from './check-operations.ts';
import { type DongleBook, type IssuedUpdate, idOf } from './dongle-book.ts';
import { licensesAfter } from './held-licenses.ts';
import type { Ledger } from './ledger.ts';
import type { DongleEntry, SeenEntry } from './ledger-entries.ts';
import { arrivalsAt, type Move, operationsOf, unsettledMove } from './moves.ts';
import { type MoveLicense, maxOperations, type Plan, parsePlan } from './plan.ts';
import { checkKnown } from './seen.ts';

/** For whom an update is. */
export type UpdateTarget = ContextTarget | { readonly kind: 'push'; readonly book: DongleBook };

/** A dongle that has sent a context. */
export interface ContextTarget {
  readonly kind: 'context';
  readonly dongle: DongleEntry;
  readonly seen: SeenEntry;
  /** The context's one-time key. */
  readonly recipient: Uint8Array;
}

/** What is to be sent to a dongle; nothing has been signed or written yet. */
export interface PlannedUpdate {
  readonly target: UpdateTarget;
  readonly dongle: DongleEntry;
  /** Missing for a dongle of which the ledger learns by this. */
  readonly book: DongleBook | undefined;
  /** Issued, and not known to have been applied: they are sent again. */
  readonly missing: readonly IssuedUpdate[];
  /** Of a new update; none if nothing new is planned. */
  readonly operations: readonly Operation[];
  readonly moves: readonly MoveLicense[];
  /** Licenses from other dongles that arrive with it. */
  readonly arrivals: readonly Move[];
}

/**
 * Plans an update from the ledger and, if there is one, a plan's text.
 *
 * @throws DongleError `INVALID_ARGUMENT` for a plan that cannot be carried out, or where there is
 * nothing to send; `UPDATE_FORKED` where another ledger has issued updates for the dongle
 */
export function planUpdate(
  ledger: Ledger,
  target: UpdateTarget,
  planText: string | undefined,
  randomBytes: (count: number) => Uint8Array,
): PlannedUpdate {
  const book = target.kind === 'push' ? target.book : ledger.find(idOf(target.dongle));
  const dongle = target.kind === 'push' ? target.book.dongle : target.dongle;
  const { serial } = dongle;
  if (target.kind === 'context') checkKnown(serial, book, target.seen);
  const applied = Math.max(
    book?.confirmed ?? 0,
    target.kind === 'context' ? target.seen.number : 0,
  );
  const missing = book?.issued.filter(({ number }) => number > applied) ?? [];
  const arrivals = arrivalsAt(serial, book?.issued ?? [], ledger.books);
  const secretOf = (product: number) => knownSecret(ledger, product);
  const plan: Plan =
    planText === undefined
      ? { operations: [], moves: [] }
      : parsePlan(planText, { randomBytes, secretOf });
  const operations = [...plan.operations, ...arrivals.flatMap(operationsOf)];
  checkPlan(serial, book, operations, plan.moves);
  checkArrivals(serial, book, plan.operations, arrivals);
  if (operations.length === 0 && missing.length === 0) {
    throw new DongleError(
      'INVALID_ARGUMENT',
      `There is nothing to send: dongle ${serial} has all its updates. Give a plan of what is to change.`,
    );
  }
  return { target, dongle, book, missing, operations, moves: plan.moves, arrivals };
}

function checkPlan(
  serial: string,
  book: DongleBook | undefined,
  operations: readonly Operation[],
  moves: readonly MoveLicense[],
): void {
  if (operations.length === 0) return;
  const waiting = book === undefined ? undefined : unsettledMove(book);
  if (waiting !== undefined) {
    throw new DongleError(
      'INVALID_ARGUMENT',
      `License ${waiting.product} is on its way from dongle ${serial} to ${waiting.to}: confirm the receipt of update ${waiting.number} first ("latchkey vendor confirm"), which tells what was left of it. Without a plan, the update is sent again.`,
    );
  }
  if (operations.length > maxOperations) {
    throw new DongleError(
      'INVALID_ARGUMENT',
      `With the licenses that arrive there are ${operations.length} operations, and an update holds ${maxOperations}; make a smaller plan.`,
    );
  }
  for (const { product, to } of moves) {
    if (to === serial) {
      throw new DongleError(
        'INVALID_ARGUMENT',
        `License ${product} is to move from dongle ${serial} to itself; give the serial of the other one.`,
      );
    }
  }
  checkOperations(serial, operationsBefore(book), operations);
}

function checkArrivals(
  serial: string,
  book: DongleBook | undefined,
  planned: readonly Operation[],
  arrivals: readonly Move[],
): void {
  const held = licensesAfter([...operationsBefore(book), ...planned]);
  const taken = arrivals.find(({ product }) => held.has(product));
  if (taken === undefined) return;
  throw new DongleError(
    'INVALID_ARGUMENT',
    `License ${taken.product} arrives from dongle ${taken.from.dongle.serial}, and dongle ${serial} has one of that product, which it would replace; take that away with "withdrawLicense" in the plan.`,
  );
}

function operationsBefore(book: DongleBook | undefined): readonly Operation[] {
  return book?.issued.flatMap(({ update }) => update.operations) ?? [];
}

/** A product has one secret on all dongles, so that one encryption serves them all. */
function knownSecret(ledger: Ledger, product: number): Uint8Array | undefined {
  let found: { at: string; secret: Uint8Array } | undefined;
  for (const { at, update } of ledger.books.flatMap(({ issued }) => issued)) {
    for (const { putLicense } of update.operations) {
      if (putLicense?.product !== product || putLicense.secret === undefined) continue;
      if (found === undefined || at >= found.at) found = { at, secret: putLicense.secret };
    }
  }
  return found?.secret;
}
