import { noBytes } from '../../bytes.ts';
import { InEndpoint, OutEndpoint } from './endpoints.ts';

/** How fast the bus is: 12 or 480 Mbit/s. */
export type UsbSpeed = 'full' | 'high';

/** What the bus tells the firmware. */
export interface UsbEvents {
  /** A bus reset, after power-up too: whatever travelled is void, the address is 0 again. */
  reset(speed: UsbSpeed): void;
  /**
   * A control transfer on endpoint 0. `setup` has 8 bytes; `data` is what the host sent with it.
   * Returns what the device sends back (empty where it only says that it is done), or undefined for
   * STALL.
   */
  control(setup: Uint8Array, data: Uint8Array): Uint8Array | undefined;
}

/** How many endpoints there are in each direction, besides endpoint 0. */
const endpointPairs = 2;

/** Bit of an endpoint's address that says that it goes in to the host. */
const inBit = 0x80;

/** The USB block of the chip: endpoints and bus events, no behaviour. */
export class UsbController {
  readonly #outs: readonly OutEndpoint[];
  readonly #ins: readonly InEndpoint[];
  #events: UsbEvents | undefined;

  constructor() {
    const numbers = Array.from({ length: endpointPairs }, (_, i) => i + 1);
    this.#outs = numbers.map(() => new OutEndpoint());
    this.#ins = numbers.map(() => new InEndpoint());
  }

  /** The endpoint of that address (0x01, 0x02), if the chip has it. */
  outEndpoint(address: number): OutEndpoint | undefined {
    return (address & inBit) === 0 ? this.#outs[address - 1] : undefined;
  }

  /** The endpoint of that address (0x81, 0x82), if the chip has it. */
  inEndpoint(address: number): InEndpoint | undefined {
    return (address & inBit) === 0 ? undefined : this.#ins[(address & ~inBit) - 1];
  }

  /** The firmware's end: who hears of the bus. */
  listen(events: UsbEvents | undefined): void {
    this.#events = events;
  }

  /** The port's end: the host resets the bus and finds out how fast it is. */
  reset(speed: UsbSpeed): void {
    this.#events?.reset(speed);
  }

  /**
   * The port's end: a control transfer. `setup` has 8 bytes. Undefined is a STALL, which is also
   * what a chip without running firmware gives.
   */
  control(setup: Uint8Array, data: Uint8Array = noBytes): Uint8Array | undefined {
    return this.#events?.control(setup, data);
  }

  /** The board's end: the power has gone, and with it whatever the endpoints held. */
  powerDown(): void {
    this.#events = undefined;
    for (const out of this.#outs) {
      out.listen(undefined);
      out.disable();
    }
    for (const each of this.#ins) {
      each.flush();
      each.disable();
    }
  }
}
