import { DongleError } from '../errors.ts';
import type { ResponseOf } from '../protocol/commands/index.ts';
import * as commands from '../protocol/commands/index.ts';
import type { CallOptions } from './call-options.ts';
import type { Session } from './session.ts';

/** Where to take a seat: at an application of the license table, or at a license. */
export type SeatPlace =
  | { readonly application: number }
  | { readonly vendor: number; readonly product: number };

/** A seat that this session has. It is lost with the session: watch `dongle.lifetime`. */
export interface Seat extends AsyncDisposable {
  /** Seats that were left when this one was taken; undefined where they are not limited. */
  readonly seatsLeft: number | undefined;
  /** Whether it is still held. */
  readonly held: boolean;
  /** Gives the seat back. Safe to call twice, and when the session is over. */
  release(options?: CallOptions): Promise<void>;
}

/** A seat that the dongle has given. */
export function seatOf(
  session: Session,
  { seat, seatsLeft }: ResponseOf<typeof commands.takeSeat>,
  deadlineMs: number,
): Seat {
  let released = false;
  const release = async (options?: CallOptions) => {
    if (released || session.over) return;
    released = true;
    try {
      await session.call(commands.releaseSeat, { seat }, deadlineMs, options);
    } catch (error) {
      // With the session, the seat is free too.
      if (session.over) return;
      // What the dongle does not know is free; whatever else happened, it can be tried again.
      if (error instanceof DongleError && error.code === 'INVALID_ARGUMENT') return;
      released = false;
      throw error;
    }
  };
  return {
    seatsLeft,
    get held() {
      return !released && !session.over;
    },
    release,
    [Symbol.asyncDispose]: () => release(),
  };
}
