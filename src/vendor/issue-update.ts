import { suite } from '#crypto';
import { toHex } from '../bytes.ts';
import type { SigningKey } from '../crypto/suite.ts';
import { DongleError } from '../errors.ts';
import { openSign1 } from '../protocol/cose.ts';
import { encode } from '../protocol/schema/index.ts';
import {
  maxUpdateBytes,
  maxUpdates,
  sealUpdates,
  signUpdate,
  type Update,
  updateIdOf,
  updatesSchema,
} from '../protocol/updates/index.ts';
import { writeOperation } from './account.ts';
import { type IssuedUpdate, idOf } from './dongle-book.ts';
import type { Ledger } from './ledger.ts';
import { noteOf } from './moves.ts';
import type { PlannedUpdate } from './plan-update.ts';
import { lastIdOf } from './seen.ts';

/** What Noise X adds to what it seals: an ephemeral key, a sealed static key and a tag. */
const sealBytes = 32 + 48 + 16;

/** What signs updates. */
export interface UpdateSigner {
  readonly vendor: number;
  readonly key: SigningKey;
  /** Of that key, by the root. */
  readonly certificate: Uint8Array;
}

/** An update file, and what is in it. */
export interface IssuedFile {
  readonly file: Uint8Array;
  /** Numbers of its updates. */
  readonly numbers: readonly number[];
  /** Numbers of those that did not fit, and follow once these have been applied. */
  readonly later: readonly number[];
}

/**
 * Signs what was planned, writes it into the ledger and seals it to the dongle, with the updates that
 * it is missing. Once it is in the ledger it is sent until the dongle has it.
 *
 * @param now - milliseconds since 1970
 * @throws DongleError `INVALID_ARGUMENT` for an update that is too large, `FILE_FAILED`
 */
export async function issueUpdate(
  ledger: Ledger,
  planned: PlannedUpdate,
  signer: UpdateSigner,
  now: number,
): Promise<IssuedFile> {
  const { target, dongle, missing } = planned;
  const signed = planned.operations.length === 0 ? undefined : await sign(planned, signer, now);
  const at = new Date(now).toISOString();
  const book = await ledger.bookOf(dongle, at);
  if (target.kind === 'context') await book.append({ at, ...target.seen });
  if (signed !== undefined) await book.append({ at, ...entryOf(planned, signed) });
  const wanted: readonly IssuedUpdate[] =
    signed === undefined ? missing : [...missing, book.issued.at(-1) as IssuedUpdate];
  const fitting = fittingOf(wanted, signer.certificate);
  const header = {
    kind: 2,
    vendor: signer.vendor,
    dongle: idOf(dongle),
    answers: target.kind,
    recipient: target.kind === 'push' ? book.staticKey : target.recipient,
  } as const;
  const file = await sealUpdates({
    header,
    issuer: signer.certificate,
    updates: fitting.map((each) => each.signed),
  });
  const numbers = fitting.map(({ number }) => number);
  await book.append({ at, kind: 'sealed', file: toHex(suite.sha256(file)), numbers });
  return {
    file,
    numbers,
    later: wanted.slice(fitting.length).map(({ number }) => number),
  };
}

interface SignedUpdate {
  readonly update: Update;
  readonly id: Uint8Array;
  readonly signed: Uint8Array;
}

async function sign(
  { dongle, book, operations }: PlannedUpdate,
  { vendor, key, certificate }: UpdateSigner,
  now: number,
): Promise<SignedUpdate> {
  const update: Update = {
    version: 1,
    vendor,
    dongle: idOf(dongle),
    number: (book?.issued.length ?? 0) + 1,
    previous: lastIdOf(book),
    issuedAt: Math.floor(now / 1000),
    operations,
  };
  const signed = await signUpdate(key, update);
  // One that is longer by itself cannot even be encoded into a file.
  if (signed.length > maxUpdateBytes || sizeOf([signed], certificate) > maxUpdateBytes) {
    throw new DongleError(
      'INVALID_ARGUMENT',
      `The update has more than the ${maxUpdateBytes} bytes that a dongle takes; make several plans of it.`,
    );
  }
  const sign1 = openSign1(signed);
  if (!sign1.ok) throw new RangeError(sign1.detail);
  return { update, id: updateIdOf(sign1.value.payload), signed };
}

function entryOf({ operations, moves, arrivals }: PlannedUpdate, made: SignedUpdate) {
  return {
    kind: 'update',
    number: made.update.number,
    id: toHex(made.id),
    plan: operations.map(writeOperation),
    moves,
    arrivals: arrivals.map(noteOf),
    signed: Buffer.from(made.signed).toString('base64'),
  } as const;
}

/** As many as one file holds, the oldest first. */
function fittingOf(
  wanted: readonly IssuedUpdate[],
  certificate: Uint8Array,
): readonly IssuedUpdate[] {
  let count = Math.min(wanted.length, maxUpdates);
  const signed = wanted.map((each) => each.signed);
  while (count > 1 && sizeOf(signed.slice(0, count), certificate) > maxUpdateBytes) count--;
  return wanted.slice(0, count);
}

function sizeOf(updates: readonly Uint8Array[], issuer: Uint8Array): number {
  return encode(updatesSchema, { issuer, updates }).length + sealBytes;
}
