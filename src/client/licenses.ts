import { suite } from '#crypto';
import { DongleError } from '../errors.ts';
import type { ResponseOf } from '../protocol/commands/index.ts';
import * as commands from '../protocol/commands/index.ts';
import type { CallOptions } from './call-options.ts';
import type {
  ApplicationSeats,
  LicenseData,
  LicenseName,
  LicenseQuestion,
  LicenseSealed,
  LicenseStanding,
  ListedLicense,
  UnitTaking,
} from './license.ts';
import { type Seat, type SeatPlace, seatOf } from './seat.ts';
import type { Session } from './session.ts';
import { optionalDate, secondsOf, type Time } from './time.ts';

/** Deadline of a command about licenses, in milliseconds. */
const licenseDeadlineMs = 5_000;

/**
 * Licenses on the chip, which itself decides whether one is valid now. A program that asks for one
 * that is not hears why: `LICENSE_NOT_FOUND`, `LICENSE_BLOCKED`, `LICENSE_FEATURE` (also a version
 * outside the maintenance period), `LICENSE_NOT_YET` (also where the dongle does not know the time),
 * `LICENSE_EXPIRED`, `LICENSE_ELSEWHERE` or `DONGLE_BLOCKED`. The first question of a session offers
 * the system's time to the dongle; see `dongle.time`.
 */
export interface Licenses {
  /**
   * All licenses of the dongle. It needs no seat, and works on a blocked dongle too.
   *
   * @example
   * for (const { vendor, product, text } of await dongle.licenses.list()) {
   *   console.log(vendor, product, text);
   * }
   */
  list(options?: CallOptions): Promise<ListedLicense[]>;
  /**
   * Asks whether a license is valid now. It takes no units, and does not mind that none are left; a
   * usage period begins with it, as with any other use.
   *
   * @throws DongleError why the license is not valid
   * @example
   * const { unitsLeft, expiry } = await dongle.licenses.check({ vendor, product, features: 0b11 });
   */
  check(question: LicenseQuestion, options?: CallOptions): Promise<LicenseStanding>;
  /**
   * Takes units of a license that is valid now, and gives how many are left (undefined where they are
   * not limited).
   *
   * @throws DongleError why the license is not valid, `LICENSE_USED_UP` where fewer are left, and then
   * none are taken; `INVALID_ARGUMENT` where `request` was used for something else
   * @example
   * const unitsLeft = await dongle.licenses.takeUnits({ vendor, product, units: 2 });
   */
  takeUnits(
    question: LicenseQuestion & UnitTaking,
    options?: CallOptions,
  ): Promise<number | undefined>;
  /**
   * Takes units (one unless given), and then decrypts what was encrypted for a license. The units are
   * gone before there is anything to see, also where the data then turn out to be damaged.
   *
   * @throws DongleError as `takeUnits`; `DECRYPT_FAILED` for damaged data; `LICENSE_FEATURE` for a
   * license that encrypts nothing; `REQUEST_TOO_LARGE`
   * @example
   * const data = await dongle.licenses.decrypt({ vendor, product, ...licensed });
   */
  decrypt(
    question: LicenseQuestion & UnitTaking & LicenseSealed,
    options?: CallOptions,
  ): Promise<Uint8Array>;
  /**
   * Encrypts for a license that is valid now: what comes back is for `decrypt`. It takes no units.
   *
   * @param question - with the data, at most what one message holds
   * @throws DongleError why the license is not valid, `LICENSE_FEATURE`, `REQUEST_TOO_LARGE`
   * @example
   * const licensed = await dongle.licenses.encrypt({ vendor, product, data });
   */
  encrypt(
    question: LicenseQuestion & { readonly data: Uint8Array; readonly ad?: Uint8Array },
    options?: CallOptions,
  ): Promise<LicenseSealed>;
  /**
   * Takes a seat for this session: of a license, or of an application in the license table. It is
   * given back by `release()`, and with the session, however that ends: of a process that was killed
   * beside others, the dongle gives the seat away once it has heard nothing of it for its lease, 10 s.
   * A session that takes the same again shares its seat.
   *
   * @throws DongleError `SEATS_TAKEN`; for a license also why it is not valid; `DONGLE_BLOCKED`
   * @example
   * await using seat = await dongle.licenses.take({ application: 100 });
   */
  take(place: SeatPlace, options?: CallOptions): Promise<Seat>;
  /**
   * The license table: how many seats each application has. One that is not in it has as many as like.
   *
   * @example
   * const rows = await dongle.licenses.seats();
   */
  seats(options?: CallOptions): Promise<ApplicationSeats[]>;
  /**
   * Reads the data of a license.
   *
   * @param name - with `code`, 16 bytes, for the hidden data
   * @throws DongleError `LICENSE_NOT_FOUND`, `PASSWORD_WRONG` where nothing is hidden under this code
   * @example
   * const { userData, protectedData } = await dongle.licenses.readData({ vendor, product });
   */
  readData(
    name: LicenseName & { readonly code?: Uint8Array },
    options?: CallOptions,
  ): Promise<LicenseData>;
  /**
   * Writes the user's data of a license, up to 256 bytes; none removes them.
   *
   * @throws DongleError `LICENSE_NOT_FOUND`, `NO_SPACE`, `DONGLE_BLOCKED`
   * @example
   * await dongle.licenses.writeUserData({ vendor, product, data });
   */
  writeUserData(
    request: LicenseName & { readonly data: Uint8Array },
    options?: CallOptions,
  ): Promise<void>;
}

/** The license commands over a session. */
export function licensesOf(session: Session, time: Time): Licenses {
  let offered = false;

  function call<Request, Response>(
    command: commands.Command<string, Request, Response>,
    request: Request,
    options?: CallOptions,
  ): Promise<Response> {
    return session.call(command, request, licenseDeadlineMs, options);
  }

  /** A question for which the dongle should know the time. */
  function ask<Request, Response>(
    command: commands.Command<string, Request, Response>,
    request: Request,
    options?: CallOptions,
  ): Promise<Response> {
    if (!offered) {
      offered = true;
      // Its place is before the question. Whether the dongle takes it is not what was asked.
      void time.offer().catch(() => {});
    }
    return call(command, request, options);
  }

  return {
    async list(options) {
      const listed: ListedLicense[] = [];
      for (let from: number | undefined = 0; from !== undefined; ) {
        const page: ResponseOf<typeof commands.listLicenses> = await ask(
          commands.listLicenses,
          { from },
          options,
        );
        listed.push(...page.licenses.map(listedLicense));
        // A dongle that goes back would never come to an end.
        if (page.next !== undefined && page.next <= from) throw new DongleError('PROTOCOL');
        from = page.next;
      }
      return listed;
    },
    async check(question, options) {
      const answer = await ask(commands.checkLicense, wireQuestion(question), options);
      return {
        unitsLeft: answer.unitsLeft,
        expiry: optionalDate(answer.expiry),
        renewWithinDays: answer.renewWithinDays,
      };
    },
    async takeUnits(question, options) {
      const taking = { ...wireQuestion(question), ...wireTaking(question) };
      return (await ask(commands.takeUnits, taking, options)).unitsLeft;
    },
    async decrypt(question, options) {
      const { iv, data, ad } = question;
      const sealed = { iv, data, ...(ad && { ad }) };
      const taking = { ...wireQuestion(question), ...wireTaking(question), ...sealed };
      return (await ask(commands.licenseDecrypt, taking, options)).data;
    },
    async encrypt({ data, ad, ...question }, options) {
      const request = { ...wireQuestion(question), data, ...(ad && { ad }) };
      const sealed = await ask(commands.licenseEncrypt, request, options);
      return { ...sealed, ...(ad && { ad }) };
    },
    async take(place, options) {
      const taken = await ask(commands.takeSeat, place, options);
      return seatOf(session, taken, licenseDeadlineMs);
    },
    async seats(options) {
      const { rows } = await call(commands.listSeats, {}, options);
      return rows.map(({ application, seats, taken }) => ({
        ...{ application, taken },
        seats: seats === 255 ? undefined : seats,
      }));
    },
    async readData({ vendor, product, code }, options) {
      const request = { vendor, product, ...(code && { code }) };
      const { userData, protectedData, hiddenData } = await call(
        commands.readLicenseData,
        request,
        options,
      );
      return { userData, protectedData, hiddenData };
    },
    async writeUserData({ vendor, product, data }, options) {
      await call(commands.writeUserData, { vendor, product, data }, options);
    },
  };
}

function listedLicense(
  license: ResponseOf<typeof commands.listLicenses>['licenses'][number],
): ListedLicense {
  const { vendorName, text, unitsLeft, quantity, activation, expiry, state, ...rest } = license;
  return {
    ...{ ...rest, vendorName, text, unitsLeft, quantity },
    state: state === 'blocked' ? 'blocked' : 'active',
    activation: optionalDate(activation),
    expiry: optionalDate(expiry),
  };
}

function wireQuestion({ vendor, product, features, released }: LicenseQuestion) {
  return {
    ...{ vendor, product },
    ...(features !== undefined && { features }),
    ...(released !== undefined && { released: secondsOf(released) }),
  };
}

function wireTaking({ units = 1, request = suite.randomBytes(16) }: UnitTaking) {
  return { units, request };
}
