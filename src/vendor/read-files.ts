import { toHex } from '../bytes.ts';
import { DongleError } from '../errors.ts';
import type { DeviceCertificate } from '../protocol/certificates/certificate.ts';
import type { TrustStore } from '../protocol/certificates/index.ts';
import { openContext, openReceipt } from '../protocol/updates/index.ts';
import type { DongleBook } from './dongle-book.ts';
import type { Ledger } from './ledger.ts';
import type { DongleEntry } from './ledger-entries.ts';
import { type Move, movesFrom } from './moves.ts';
import type { ContextTarget } from './plan-update.ts';
import { checkKnown, seenInContext, seenInReceipt } from './seen.ts';

/** The dongle that a context is from, to be answered by an update. @throws DongleError */
export async function targetOf(
  file: Uint8Array,
  trust: TrustStore,
  vendor: number,
): Promise<ContextTarget> {
  const opened = await openContext(file, trust);
  if (!opened.ok) throw new DongleError(opened.code, opened.detail);
  const { context, device } = opened.value;
  return {
    kind: 'context',
    dongle: entryOf(device),
    seen: seenInContext(vendor, context),
    recipient: context.oneTimeKey,
  };
}

/** What a receipt has settled. */
export interface Confirmed {
  readonly book: DongleBook;
  /** The last update that the dongle has applied. */
  readonly number: number;
  /** Numbers that were not known to be applied before. */
  readonly news: readonly number[];
  /** Licenses that have left it, and may be issued on the other dongle now. */
  readonly moves: readonly Move[];
}

/**
 * Writes into the ledger what a receipt says.
 *
 * @param at - now, ISO 8601
 * @throws DongleError `NOT_FOUND` for a dongle that the ledger does not know, `INVALID_ARGUMENT` for a
 * receipt to another vendor, `UPDATE_FORKED` where another ledger has issued its last update
 */
export async function confirmReceipt(
  ledger: Ledger,
  file: Uint8Array,
  trust: TrustStore,
  vendor: number,
  at: string,
): Promise<Confirmed> {
  const opened = await openReceipt(file, trust);
  if (!opened.ok) throw new DongleError(opened.code, opened.detail);
  const { receipt, device } = opened.value;
  if (receipt.state.vendor !== vendor) {
    throw new DongleError(
      'INVALID_ARGUMENT',
      `The receipt is for vendor ${receipt.state.vendor}, not for vendor ${vendor}; send it there.`,
    );
  }
  const book = ledger.find(receipt.dongle);
  const seen = seenInReceipt(receipt);
  checkKnown(device.serial, book, seen);
  if (book === undefined) {
    throw new DongleError(
      'NOT_FOUND',
      `The ledger has no dongle ${device.serial}, so there is nothing to confirm.`,
    );
  }
  const { confirmed } = book;
  const waiting = movesFrom(book).filter(({ left }) => left === undefined);
  await book.append({ at, ...seen });
  const settled = movesFrom(book).filter(({ left }) => left !== undefined);
  return {
    book,
    number: seen.number,
    news: book.issued
      .map(({ number }) => number)
      .filter((number) => number > confirmed && number <= seen.number),
    moves: settled.filter((move) =>
      waiting.some(({ number, product }) => number === move.number && product === move.product),
    ),
  };
}

function entryOf(device: DeviceCertificate): DongleEntry {
  const { serial, vendor, model, key, signingKey } = device;
  return {
    kind: 'dongle',
    serial,
    vendor,
    model,
    staticKey: toHex(key),
    signingKey: toHex(signingKey),
  };
}
