import type { FaceName } from '../../link.ts';
import { InEndpoint, OutEndpoint } from './endpoints.ts';

/** One USB function: a pair of endpoints. */
export interface UsbFace {
  readonly name: FaceName;
  /** Size of every packet of the face, in bytes. */
  readonly packetBytes: number;
  readonly out: OutEndpoint;
  readonly in: InEndpoint;
}

/** What the bus tells the firmware. */
export interface UsbEvents {
  /** SET_CONFIGURATION: an attach begins. */
  configured(): void;
  /** A bus reset: whatever travelled is void. */
  reset(): void;
}

/** The USB block of the chip: endpoints and bus events, no behaviour. */
export class UsbController {
  /** In the order of their numbers in the packet layer. */
  readonly faces: readonly UsbFace[] = [face('hid', 64), face('vendor', 512)];
  #events: UsbEvents | undefined;

  /** The firmware's end: who hears of the bus. */
  listen(events: UsbEvents | undefined): void {
    this.#events = events;
  }

  /** The port's end: the host has selected the configuration. */
  configure(): void {
    this.#events?.configured();
  }

  /** The port's end: the host has reset the bus. */
  reset(): void {
    this.#events?.reset();
  }

  /** The board's end: the power has gone, and with it whatever the endpoints held. */
  powerDown(): void {
    this.#events = undefined;
    for (const each of this.faces) {
      each.out.listen(undefined);
      each.in.flush();
    }
  }
}

function face(name: FaceName, packetBytes: number): UsbFace {
  return { name, packetBytes, out: new OutEndpoint(packetBytes), in: new InEndpoint(packetBytes) };
}
