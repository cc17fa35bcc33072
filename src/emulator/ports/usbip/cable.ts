import type { OutEndpoint } from '../../board/endpoints.ts';
import type { UsbController, UsbSpeed } from '../../board/usb-controller.ts';
import type { EmulatedDongle } from '../../emulated-dongle.ts';
import { type InPipe, SharedIn } from './shared-in.ts';

/** What a host's controller needs of the device at the other end. */
export interface HostUsb {
  reset(speed: UsbSpeed): void;
  control(setup: Uint8Array, data?: Uint8Array): Uint8Array | undefined;
  outEndpoint(address: number): OutEndpoint | undefined;
  inEndpoint(address: number): InPipe | undefined;
}

/**
 * The cable of a dongle. With several ends it is a box that gives the dongle to one host at a time,
 * as USB switches do; or wrongly to all of them at once.
 */
export class Cable {
  readonly speed: UsbSpeed;
  readonly #dongle: EmulatedDongle;
  readonly #endCount: number;
  /** The end that has the dongle, or all of them. */
  #position: number | 'shared' = 0;
  readonly #plugged = new Set<number>();
  readonly #shared = new Map<number, SharedIn>();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(dongle: EmulatedDongle, speed: UsbSpeed, endCount: number) {
    this.#dongle = dongle;
    this.speed = speed;
    this.#endCount = endCount;
  }

  /** Whether that end may have the dongle. */
  reaches(end: number): boolean {
    return this.#position === 'shared' || this.#position === end;
  }

  /** Gives the dongle to one end, or to all; those who lose it have to be told beforehand. */
  set position(position: number | 'shared') {
    this.#position = position;
  }

  /** Gives the dongle power for as long as `use` takes, unless it has it anyway. */
  withPower<Result>(use: (usb: UsbController) => Result): Promise<Result> {
    // One after the other, as the first to be done takes the power away.
    const turn = this.#turn.then(async () => {
      const { usb } = this.#dongle.board;
      const hadPower = this.#dongle.on;
      await this.#dongle.powerOn();
      try {
        if (!hadPower) usb.reset(this.speed);
        return use(usb);
      } finally {
        if (!hadPower && this.#plugged.size === 0) this.#dongle.powerOff();
      }
    });
    this.#turn = turn.catch(() => {});
    return turn;
  }

  /** Plugs one end in; the first one gives the dongle power. */
  async plug(end: number): Promise<HostUsb> {
    this.#plugged.add(end);
    await this.#dongle.powerOn();
    const { usb } = this.#dongle.board;
    if (this.#endCount === 1) return usb;
    if (this.#plugged.has(end)) {
      for (const shared of this.#shared.values()) shared.taps[end]?.connect(true);
    }
    return {
      // A host that finds the dongle on a shared cable must not take it from the one before.
      reset: (speed) => {
        if (this.#plugged.size === 1) usb.reset(speed);
      },
      control: (setup, data) => usb.control(setup, data),
      outEndpoint: (address) => usb.outEndpoint(address),
      inEndpoint: (address) => this.#tap(usb, address, end),
    };
  }

  /** Pulls one end out; the last one takes the power away. */
  unplug(end: number): void {
    if (!this.#plugged.delete(end)) return;
    for (const shared of this.#shared.values()) shared.taps[end]?.connect(false);
    if (this.#plugged.size === 0) this.#dongle.powerOff();
  }

  #tap(usb: UsbController, address: number, end: number): InPipe | undefined {
    const endpoint = usb.inEndpoint(address);
    if (endpoint === undefined) return undefined;
    let shared = this.#shared.get(address);
    if (shared === undefined) {
      shared = new SharedIn(endpoint, this.#endCount);
      for (const each of this.#plugged) shared.taps[each]?.connect(true);
      this.#shared.set(address, shared);
    }
    return shared.taps[end];
  }
}
