import type { HostClock } from '../clock.ts';
import * as commands from '../protocol/commands/index.ts';
import type { CallOptions } from './call-options.ts';
import type { Session } from './session.ts';

/** Deadline of a command about the time, in milliseconds. */
const timeDeadlineMs = 5_000;

/** What a dongle takes the time to be. */
export interface DongleTimeReading {
  /** Undefined where nobody has told it. */
  readonly time: Date | undefined;
  /** The last time that a time key of its vendor has certified; undefined where none has. */
  readonly certified: Date | undefined;
  /** Milliseconds for which it has had power since then, or in all where nothing was certified. */
  readonly poweredMs: number;
  /** 16 bytes: the next certified time must be signed for this, and for this session. */
  readonly nonce: Uint8Array;
}

/**
 * The time of day of a dongle, which has no battery. Its vendor's time key can certify it; from then
 * on it counts the time for which it has power. The system's time may run a day ahead of that.
 */
export interface Time {
  /**
   * Reads the time, and makes a new nonce in place of this session's last.
   *
   * @example
   * const { time, nonce } = await dongle.time.read();
   */
  read(options?: CallOptions): Promise<DongleTimeReading>;
  /**
   * Offers the system's time, and gives what the dongle takes the time to be then: one that is later
   * stays. Questions to licenses do this by themselves, once in a session.
   *
   * @param time - that of the system's clock unless given
   * @throws DongleError `TIME_REFUSED` where it is more than a day ahead of the certified time and the
   * powered time since (or, where nothing was ever certified, of the first offer)
   * @example
   * const time = await dongle.time.offer();
   */
  offer(time?: Date, options?: CallOptions): Promise<Date>;
  /**
   * Sets the time by a time file, which its vendor has signed for the nonce that `read` gave. What
   * the system has offered is forgotten, even if it was later.
   *
   * @throws DongleError `UPDATE_INVALID` for a damaged file, `UPDATE_UNTRUSTED` where no time key of
   * the vendor has signed it, `UPDATE_OTHER_DONGLE`, `TIME_REFUSED` for another nonce or a time that
   * runs backwards, `BUSY`
   * @example
   * const { nonce } = await dongle.time.read();
   * const time = await dongle.time.certify(await timeServer(nonce));
   */
  certify(file: Uint8Array, options?: CallOptions): Promise<Date>;
}

/** The commands about the time over a session. */
export function timeOf(session: Session, clock: HostClock): Time {
  return {
    async read(options) {
      const { time, certified, poweredMs, nonce } = await session.call(
        commands.readTime,
        {},
        timeDeadlineMs,
        options,
      );
      return { time: optionalDate(time), certified: optionalDate(certified), poweredMs, nonce };
    },
    async offer(time = new Date(clock.wall()), options) {
      const request = { time: secondsOf(time) };
      return dateOf(
        (await session.call(commands.offerTime, request, timeDeadlineMs, options)).time,
      );
    },
    async certify(file, options) {
      return dateOf(
        (await session.call(commands.certifyTime, { file }, timeDeadlineMs, options)).time,
      );
    },
  };
}

/** Dongles count whole seconds. */
export function secondsOf(date: Date): number {
  return Math.floor(date.getTime() / 1000);
}

function dateOf(seconds: number): Date {
  return new Date(seconds * 1000);
}

export function optionalDate(seconds: number | undefined): Date | undefined {
  return seconds === undefined ? undefined : dateOf(seconds);
}
