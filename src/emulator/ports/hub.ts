import { DongleError } from '../../errors.ts';
import type { FaceName, LinkSource } from '../../link.ts';
import type { UsbSpeed } from '../board/usb-controller.ts';
import type { EmulatedDongle } from '../emulated-dongle.ts';
import { LoopbackPort } from './loopback.ts';

/** What one of the hosts of a hub has of the dongle. */
export interface HubHost {
  /** One face of the dongle, to be opened by `connect()`; `NOT_FOUND` while the hub gives it to others. */
  source(face: FaceName): LinkSource;
}

/**
 * A box in the same process that gives one dongle to one of several hosts at a time, as USB switches
 * do; or wrongly to all of them at once.
 */
export class HubPort {
  readonly #port: LoopbackPort;
  readonly #hosts: readonly HubHost[];
  #connected: readonly number[] = [];

  /** Puts the dongle, without power, into the box; nobody has it yet. */
  constructor(dongle: EmulatedDongle, hostCount: number) {
    this.#port = new LoopbackPort(dongle);
    this.#hosts = Array.from({ length: hostCount }, (_, number) => ({
      source: (face) => this.#source(number, face),
    }));
  }

  /**
   * One of the hosts, from 0.
   *
   * @throws DongleError `INVALID_ARGUMENT` where the box has no such host
   */
  host(number: number): HubHost {
    const host = this.#hosts[number];
    if (host === undefined) {
      const last = this.#hosts.length - 1;
      throw new DongleError(
        'INVALID_ARGUMENT',
        `The hub has hosts 0 to ${last}; give one of them.`,
      );
    }
    return host;
  }

  /** The hosts that the dongle is connected to. */
  get connected(): readonly number[] {
    return this.#connected;
  }

  /** Pulls the dongle out and plugs it into one host: it loses power and is configured anew. */
  async switchTo(host: number, options: { speed?: UsbSpeed } = {}): Promise<void> {
    this.host(host);
    this.unplug();
    this.#connected = [host];
    await this.#port.plug(options);
  }

  /**
   * Connects all hosts at once, without a replug: what each sends reaches the dongle, and what the
   * dongle sends reaches all of them.
   */
  share(): void {
    if (this.#connected.length === 0)
      throw new DongleError('NOT_FOUND', 'Nobody has the dongle yet; switch it to a host first.');
    this.#connected = this.#hosts.map((_, number) => number);
    // Each of the others finds a device, and configures it.
    this.#port.configure();
  }

  /** Resets the bus: all hosts that have the dongle lose it and find it again; power stays. */
  reset(): void {
    this.#port.reset();
  }

  /** Pulls the dongle out. */
  unplug(): void {
    this.#connected = [];
    this.#port.unplug();
  }

  #source(number: number, face: FaceName): LinkSource {
    const source = this.#port.source(face, number);
    return {
      face,
      open: async (listener) => {
        if (!this.#connected.includes(number)) throw new DongleError('NOT_FOUND');
        return source.open(listener);
      },
    };
  }
}
