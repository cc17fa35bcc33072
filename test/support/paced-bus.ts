import type { VirtualClock } from '../../src/emulator/index.ts';
import type { Pacing } from './emulated-usb.ts';

/** How much a bus carries, and when. */
export interface BusKind {
  /** Bytes of a packet at most. */
  readonly packetBytes: number;
  /** Milliseconds from one packet to the next, at best. */
  readonly packetMs: number;
  /**
   * Whether each endpoint has its turn once in that time, as an interrupt endpoint has, or all share
   * what the bus carries.
   */
  readonly polled: boolean;
}

/** The buses, with the most packets that fit a frame or microframe (USB 2.0 §5.7.4, §5.8.4). */
export const buses = {
  /** One packet a millisecond. */
  fullSpeedInterrupt: { packetBytes: 64, packetMs: 1, polled: true },
  /** 19 packets a millisecond. */
  fullSpeedBulk: { packetBytes: 64, packetMs: 1 / 19, polled: false },
  /** 13 packets in 125 µs. */
  highSpeedBulk: { packetBytes: 512, packetMs: 0.125 / 13, polled: false },
} as const satisfies Record<string, BusKind>;

/** Bytes a millisecond that a bus carries in one direction. */
export function capacityOf({ packetBytes, packetMs }: BusKind): number {
  return packetBytes / packetMs;
}

/** A bus in virtual time, and a host that takes its time for each transfer. */
export class PacedBus implements Pacing {
  readonly #clock: VirtualClock;
  readonly #kind: BusKind;
  readonly #overheadMs: number;
  /** Packets' turns that are taken, counted from the beginning of time; by endpoint if polled. */
  readonly #turns = new Map<number, number>();

  /** @param overheadMs - what the host takes for each transfer */
  constructor(clock: VirtualClock, kind: BusKind, overheadMs: number) {
    this.#clock = clock;
    this.#kind = kind;
    this.#overheadMs = overheadMs;
  }

  overhead(): Promise<void> {
    return this.#pass(this.#overheadMs);
  }

  carry(address: number, byteCount: number): Promise<void> {
    const { packetBytes, packetMs, polled } = this.#kind;
    const endpoint = polled ? address : 0;
    // An empty packet has its turn too.
    const packets = Math.max(1, Math.ceil(byteCount / packetBytes));
    // Sums of fractions of a millisecond are a hair off.
    const next = Math.ceil(this.#clock.now() / packetMs - 1e-6);
    const turn = Math.max(next, this.#turns.get(endpoint) ?? 0) + packets;
    this.#turns.set(endpoint, turn);
    return this.#pass(turn * packetMs - this.#clock.now());
  }

  #pass(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#clock.after(ms, resolve);
    });
  }
}
