import { DongleError } from '../../errors.ts';
import type { FaceName, LinkSource } from '../../link.ts';
import type { UsbSpeed } from '../board/usb-controller.ts';
import type { EmulatedDongle } from '../emulated-dongle.ts';
import { FaceBus } from './face-bus.ts';

/** SET_CONFIGURATION of the only configuration, as the host's system sends it (USB 2.0 §9.4.7). */
const setConfiguration = Uint8Array.of(0x00, 0x09, 1, 0, 0, 0, 0, 0);

/**
 * A USB port in the same process: plug the dongle in, and open its faces as the system would.
 *
 * The HID face behaves as hidraw: any number of programs may open it, and each gets every packet.
 * The vendor face is claimed by one program at a time.
 */
export class LoopbackPort {
  readonly #dongle: EmulatedDongle;
  readonly #buses: Readonly<Record<FaceName, FaceBus>>;
  #speed: UsbSpeed = 'high';
  #plugged = false;
  #unplugs = 0;

  constructor(dongle: EmulatedDongle) {
    this.#dongle = dongle;
    const { usb, clock } = dongle.board;
    this.#buses = {
      hid: new FaceBus('hid', usb, clock),
      vendor: new FaceBus('vendor', usb, clock),
    };
  }

  /** Plugs the dongle in: it gets power, boots and is configured, at high speed unless told. */
  async plug(options: { speed?: UsbSpeed } = {}): Promise<void> {
    const unplugs = this.#unplugs;
    await this.#dongle.powerOn();
    // Plugged in twice at once, or pulled out while it booted, and perhaps plugged in anew.
    if (this.#plugged || this.#unplugs !== unplugs) return;
    this.#plugged = true;
    this.#speed = options.speed ?? 'high';
    this.#begin();
  }

  /** Pulls the dongle out: open links are detached, and the dongle loses power. */
  unplug(): void {
    this.#plugged = false;
    this.#unplugs++;
    this.#detach();
    this.#dongle.powerOff();
  }

  /** Resets the bus and configures the dongle anew; open links are detached, power stays. */
  reset(): void {
    this.#detach();
    this.#begin();
  }

  /**
   * One face of the dongle, to be opened by `connect()`.
   *
   * @param host - which of the hosts that share the cable, which they should not; see `HubPort`
   */
  source(face: FaceName, host = 0): LinkSource {
    const bus = this.#buses[face];
    return {
      face,
      open: async (listener) => {
        if (!this.#plugged) throw new DongleError('NOT_FOUND');
        return bus.open(listener, host);
      },
    };
  }

  #begin(): void {
    this.#dongle.board.usb.reset(this.#speed);
    this.configure();
  }

  #detach(): void {
    for (const bus of Object.values(this.#buses)) bus.detach();
  }

  /** Configures the dongle as it is, as a host does that finds it on a shared cable. */
  configure(): void {
    this.#dongle.board.usb.control(setConfiguration);
  }
}
