import {
  type DeviceRecord,
  type ListedDevice,
  usbIpSpeeds,
} from '../../../protocol/usbip/index.ts';
import type { Cable } from './cable.ts';
import { describe } from './describe.ts';
import { HostController, type ReplySink } from './host-controller.ts';

/** All dongles are on one bus. */
const busNumber = 1;

/** What an importer gets. */
export interface PluggedIn {
  readonly record: DeviceRecord;
  readonly controller: HostController;
}

/** One end of the cable of a dongle that a server exports, and who has plugged it in. */
export class BusPort {
  readonly busId: string;
  /** What importers put into their requests. */
  readonly deviceId: number;
  readonly #deviceNumber: number;
  readonly #cable: Cable;
  readonly #end: number;
  #listed: Promise<ListedDevice> | undefined;
  #unplug: (() => void) | undefined;

  /** @param deviceNumber - 1 to 127 */
  constructor(deviceNumber: number, cable: Cable, end: number) {
    this.busId = `${busNumber}-${deviceNumber}`;
    this.deviceId = (busNumber << 16) | deviceNumber;
    this.#deviceNumber = deviceNumber;
    this.#cable = cable;
    this.#end = end;
  }

  /**
   * What the dongle's descriptors say. They are read once, for which it gets power for a moment.
   *
   * @throws DongleError `FLASH_INVALID`, `DEVICE_FAULT`
   */
  list(): Promise<ListedDevice> {
    const place = {
      path: `/latchkey/${this.busId}`,
      busId: this.busId,
      busNumber,
      deviceNumber: this.#deviceNumber,
      speed: usbIpSpeeds[this.#cable.speed],
    };
    this.#listed ??= this.#cable
      .withPower((usb) => describe(usb, place))
      .catch((error: unknown) => {
        this.#listed = undefined;
        throw error;
      });
    return this.#listed;
  }

  /** Whether the dongle can be plugged in here. */
  get isThere(): boolean {
    return this.#cable.reaches(this.#end);
  }

  /** Whether both are ends of one cable. */
  sharesWith(other: BusPort): boolean {
    return this.#cable === other.#cable;
  }

  /** Gives the dongle to this end of its cable alone. */
  switchHere(): void {
    this.#cable.position = this.#end;
  }

  /** Gives the dongle to all ends of its cable. */
  share(): void {
    this.#cable.position = 'shared';
  }

  /**
   * Takes the port for one importer, for as long as it does not call `release`.
   *
   * @param unplug - called when the dongle is to be pulled out from the server's side
   * @returns false when another has it
   */
  claim(unplug: () => void): boolean {
    if (this.#unplug !== undefined) return false;
    this.#unplug = unplug;
    return true;
  }

  /**
   * Plugs the dongle in for whoever has claimed the port: it gets power, and the bus is reset. Gives
   * undefined when the port was released in the meantime.
   *
   * @throws DongleError `FLASH_INVALID`, `DEVICE_FAULT`
   */
  async plug(sink: ReplySink): Promise<PluggedIn | undefined> {
    const owner = this.#unplug;
    const { record } = await this.list();
    if (this.#unplug !== owner) return undefined;
    const usb = await this.#cable.plug(this.#end);
    if (this.#unplug !== owner) return undefined;
    const controller = new HostController(usb, this.#cable.speed, this.#deviceNumber, sink);
    return { record, controller };
  }

  /** Pulls the dongle out; the port is free again. */
  release(): void {
    this.#unplug = undefined;
    this.#cable.unplug(this.#end);
  }

  /** Makes the importer lose the dongle; false when nobody has it. */
  unplug(): boolean {
    const unplug = this.#unplug;
    unplug?.();
    return unplug !== undefined;
  }
}
