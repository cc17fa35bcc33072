import { noBytes } from '../../../bytes.ts';
import {
  checkLicense,
  licenseDecrypt,
  licenseEncrypt,
  listLicenses,
  listSeats,
  readLicenseData,
  releaseSeat,
  takeSeat,
  takeUnits,
  writeUserData,
} from '../../../protocol/commands/index.ts';
import { licenseKeyOf } from '../../../protocol/licenses/index.ts';
import { isBlocked } from '../blocked.ts';
import { equalSecrets } from '../equal-secrets.ts';
import { type CommandContext, coreHandler, done, type Reply, refused } from '../handler.ts';
import {
  digestOf,
  type Entry,
  putUserData,
  readUserData,
  seatTable,
  unlimitedSeats,
} from '../licenses/index.ts';
import { vendorNames } from '../updates/index.ts';

/** Licenses in one answer. */
const licensesPerAnswer = 8;

const ivBytes = 12;

export const handleListLicenses = coreHandler(
  listLicenses,
  ({ licenses, seats, ledger }, { from }) => {
    const names = vendorNames(ledger.store);
    const entries = licenses.all().filter(({ slot }) => slot >= from);
    const next = entries[licensesPerAnswer]?.slot;
    const listed = entries.slice(0, licensesPerAnswer).map((entry) => {
      const { vendor, license } = entry;
      const { renewWithinDays: _, ...standing } = licenses.standing(entry);
      const name = names.get(vendor);
      return {
        ...{ vendor, product: license.product, ...standing },
        ...(name !== undefined && { vendorName: name }),
        ...(license.text !== undefined && { text: license.text }),
        // Nobody but its vendor is told of a decoy.
        state: entry.state === 'blocked' ? ('blocked' as const) : ('active' as const),
        features: license.features ?? 0,
        ...(license.activation !== undefined && { activation: license.activation }),
        ...(license.quantity !== undefined && { quantity: license.quantity }),
        seatsTaken: seats.taken(placeOf(entry)),
        localOnly: license.localOnly ?? false,
        machineBound: license.machine !== undefined,
      };
    });
    return done({ licenses: listed, ...(next !== undefined && { next }) });
  },
);

export const handleCheckLicense = coreHandler(checkLicense, ({ licenses }, request) => {
  const used = licenses.use(request, request);
  return used.ok ? done(licenses.standing(used.value)) : used;
});

export const handleTakeUnits = coreHandler(takeUnits, ({ licenses, call }, request) => {
  const taking = { ...request, digest: digestOf(call.plaintext) };
  const left = licenses.take(request, request, taking);
  return left.ok ? done(unitsOf(left.value)) : left;
});

export const handleLicenseDecrypt = coreHandler(
  licenseDecrypt,
  ({ board, licenses, call }, request) => {
    const { iv, data, ad = noBytes } = request;
    const entry = licenses.find(request);
    if (hasNoKey(entry)) return refused('LICENSE_FEATURE');
    const taking = { ...request, digest: digestOf(call.plaintext) };
    // The units are gone, and are so for good, before there is a byte of plaintext.
    const left = licenses.take(request, request, taking);
    if (!left.ok) return left;
    const key = keyOf(entry);
    const plaintext = key && board.aes.decrypt({ mode: 'gcm', key, iv, ad }, data);
    if (plaintext === undefined) return refused('DECRYPT_FAILED');
    return done({ ...unitsOf(left.value), data: plaintext });
  },
);

export const handleLicenseEncrypt = coreHandler(licenseEncrypt, ({ board, licenses }, request) => {
  if (hasNoKey(licenses.find(request))) return refused('LICENSE_FEATURE');
  const used = licenses.use(request, request);
  if (!used.ok) return used;
  const { ad = noBytes } = request;
  const iv = board.random(ivBytes);
  // What a decoy encrypts, nobody can decrypt.
  const key = keyOf(used.value) ?? board.random(32);
  const data = board.aes.encrypt({ mode: 'gcm', key, iv, ad }, request.data);
  return done({ iv, data });
});

export const handleTakeSeat = coreHandler(takeSeat, (context, request) => {
  const { application, vendor, product } = request;
  if (isBlocked(context.ledger.store)) return refused('DONGLE_BLOCKED');
  if (application !== undefined && vendor === undefined && product === undefined) {
    return sitDown(context, placeAt(application), seatsOf(context, application));
  }
  if (application !== undefined || vendor === undefined || product === undefined) {
    return refused('INVALID_ARGUMENT');
  }
  const used = context.licenses.use({ vendor, product }, {});
  return used.ok ? sitDown(context, placeOf(used.value), used.value.license.quantity) : used;
});

export const handleReleaseSeat = coreHandler(releaseSeat, ({ seats, call }, { seat }) =>
  seats.release(call.session, seat) ? done({}) : refused('INVALID_ARGUMENT'),
);

export const handleReadLicenseData = coreHandler(
  readLicenseData,
  ({ ledger, licenses }, request) => {
    const entry = licenses.find(request);
    if (entry === undefined) return refused('LICENSE_NOT_FOUND');
    const { protectedData, hidden } = entry.license;
    const userData = readUserData(ledger.store, entry);
    const { code } = request;
    // Whether there is hidden data is not told either.
    if (code !== undefined && !(hidden && equalSecrets(hidden.code, code))) {
      return refused('PASSWORD_WRONG');
    }
    return done({
      ...(userData !== undefined && { userData }),
      ...(protectedData !== undefined && { protectedData }),
      ...(code !== undefined && hidden !== undefined && { hiddenData: hidden.data }),
    });
  },
);

export const handleWriteUserData = coreHandler(writeUserData, ({ ledger, licenses }, request) => {
  if (isBlocked(ledger.store)) return refused('DONGLE_BLOCKED');
  const entry = licenses.find(request);
  if (entry === undefined) return refused('LICENSE_NOT_FOUND');
  const draft = ledger.draft();
  putUserData(draft, entry, request.data);
  return ledger.commit(draft.changes) ? done({}) : refused('NO_SPACE');
});

export const handleListSeats = coreHandler(listSeats, ({ ledger, seats }) =>
  done({
    rows: seatTable(ledger.store).map((row) => ({
      ...row,
      taken: seats.taken(placeAt(row.application)),
    })),
  }),
);

function unitsOf(unitsLeft: number | undefined): { readonly unitsLeft?: number } {
  return unitsLeft === undefined ? {} : { unitsLeft };
}

/** Whether a license has never had a secret. Of a decoy that is not told. */
function hasNoKey(entry: Entry | undefined): boolean {
  return entry?.state === 'active' && entry.license.secret === undefined;
}

function keyOf(entry: Entry | undefined): Uint8Array | undefined {
  if (entry?.license.secret === undefined) return undefined;
  return licenseKeyOf(entry.vendor, entry.license.product, entry.license.secret);
}

/** Takes a seat where there are so many, or as many as like. */
function sitDown(
  { seats, call }: CommandContext,
  place: string,
  seatCount: number | undefined,
): Reply<{ readonly seat: number; readonly seatsLeft?: number }> {
  const seat = seats.take(call.session, place, seatCount ?? Number.POSITIVE_INFINITY);
  if (!seat.ok) return seat;
  return done({
    seat: seat.value,
    ...(seatCount !== undefined && { seatsLeft: Math.max(0, seatCount - seats.taken(place)) }),
  });
}

/** Seats of an application; undefined where they are not limited. */
function seatsOf({ ledger }: CommandContext, application: number): number | undefined {
  const row = seatTable(ledger.store).find((one) => one.application === application);
  return row === undefined || row.seats === unlimitedSeats ? undefined : row.seats;
}

function placeOf({ vendor, license }: { vendor: number; license: { product: number } }): string {
  return `license ${vendor} ${license.product}`;
}

function placeAt(application: number): string {
  return `application ${application}`;
}
