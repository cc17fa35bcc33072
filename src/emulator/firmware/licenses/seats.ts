import { done, type Reply, refused } from '../handler.ts';
import { seatLimit } from '../limits.ts';
import type { Session } from '../sessions.ts';

/** A seat: what it is a place at, by a name of its own, and how often its session has taken it. */
interface Seat {
  readonly place: string;
  times: number;
}

/** What the seats need to know of sessions. */
export interface SeatRules {
  /** A session that has been silent for longer is of a program that died. */
  readonly leaseMs: number;
  /** The clock of sessions, in milliseconds. */
  readonly now: () => number;
  /** Ends such a session: should its program live, it hears that it has lost its seat. */
  readonly endSilent: (session: Session) => void;
}

/**
 * Who sits where. A session has one seat at a place, however often it takes it: seats count programs.
 * They are in memory alone, and go with their session. A seat of a silent session is free for who
 * wants it, and then that session is over.
 */
export class Seats {
  readonly #rules: SeatRules;
  readonly #sessions = new Map<Session, Map<number, Seat>>();

  constructor(rules: SeatRules) {
    this.#rules = rules;
  }

  /** How many sit at a place, and live. */
  taken(place: string): number {
    return this.#at(place).filter((session) => !this.#isSilent(session)).length;
  }

  /** Takes a seat at a place that has so many of them, and gives its number. */
  take(session: Session, place: string, seatCount: number): Reply<number> {
    const seats = this.#sessions.get(session) ?? new Map<number, Seat>();
    const number = numberAt(seats, place);
    if (number !== undefined) {
      const seat = seats.get(number) as Seat;
      if (seat.times === 0xffff) return refused('NO_SPACE');
      seat.times++;
      return done(number);
    }
    if (seats.size >= seatLimit) return refused('NO_SPACE');
    for (const other of this.#at(place)) {
      if (this.#at(place).length >= seatCount && this.#isSilent(other))
        this.#rules.endSilent(other);
    }
    if (this.#at(place).length >= seatCount) return refused('SEATS_TAKEN');
    let free = 1;
    while (seats.has(free)) free++;
    seats.set(free, { place, times: 1 });
    this.#sessions.set(session, seats);
    return done(free);
  }

  /** Gives back a seat as often as it was taken; false where the session has none of that number. */
  release(session: Session, number: number): boolean {
    const seats = this.#sessions.get(session);
    const seat = seats?.get(number);
    if (seats === undefined || seat === undefined) return false;
    if (--seat.times === 0) seats.delete(number);
    return true;
  }

  /** A session has ended. */
  releaseAll(session: Session): void {
    this.#sessions.delete(session);
  }

  /** The sessions that sit at a place. */
  #at(place: string): Session[] {
    return [...this.#sessions.keys()].filter(
      (session) => numberAt(this.#sessions.get(session), place) !== undefined,
    );
  }

  #isSilent({ executing, usedMs }: Session): boolean {
    return !executing && this.#rules.now() - usedMs > this.#rules.leaseMs;
  }
}

function numberAt(seats: ReadonlyMap<number, Seat> = new Map(), place: string): number | undefined {
  for (const [number, seat] of seats) if (seat.place === place) return number;
  return undefined;
}
