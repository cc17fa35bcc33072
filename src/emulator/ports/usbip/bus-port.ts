import {
  type DeviceRecord,
  type ListedDevice,
  usbIpSpeeds,
} from '../../../protocol/usbip/index.ts';
import type { UsbSpeed } from '../../board/usb-controller.ts';
import type { EmulatedDongle } from '../../emulated-dongle.ts';
import { describe } from './describe.ts';
import { HostController, type ReplySink } from './host-controller.ts';

/** All dongles are on one bus. */
const busNumber = 1;

/** What an importer gets. */
export interface PluggedIn {
  readonly record: DeviceRecord;
  readonly controller: HostController;
}

/** A dongle that a server exports, and who has plugged it in. */
export class BusPort {
  readonly busId: string;
  /** What importers put into their requests. */
  readonly deviceId: number;
  readonly #deviceNumber: number;
  readonly #dongle: EmulatedDongle;
  readonly #speed: UsbSpeed;
  #listed: Promise<ListedDevice> | undefined;
  #unplug: (() => void) | undefined;
  #plugged = false;

  /** @param deviceNumber - 1 to 127 */
  constructor(deviceNumber: number, dongle: EmulatedDongle, speed: UsbSpeed) {
    this.busId = `${busNumber}-${deviceNumber}`;
    this.deviceId = (busNumber << 16) | deviceNumber;
    this.#deviceNumber = deviceNumber;
    this.#dongle = dongle;
    this.#speed = speed;
  }

  /**
   * What the dongle's descriptors say. They are read once, for which it gets power for a moment.
   *
   * @throws DongleError `FLASH_INVALID`, `DEVICE_FAULT`
   */
  list(): Promise<ListedDevice> {
    this.#listed ??= this.#describe().catch((error: unknown) => {
      this.#listed = undefined;
      throw error;
    });
    return this.#listed;
  }

  async #describe(): Promise<ListedDevice> {
    const { usb } = this.#dongle.board;
    const hadPower = this.#dongle.on;
    await this.#dongle.powerOn();
    try {
      if (!hadPower) usb.reset(this.#speed);
      return describe(usb, {
        path: `/latchkey/${this.busId}`,
        busId: this.busId,
        busNumber,
        deviceNumber: this.#deviceNumber,
        speed: usbIpSpeeds[this.#speed],
      });
    } finally {
      if (!hadPower) this.#dongle.powerOff();
    }
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
    this.#plugged = true;
    await this.#dongle.powerOn();
    if (this.#unplug !== owner) return undefined;
    const { usb } = this.#dongle.board;
    const controller = new HostController(usb, this.#speed, this.#deviceNumber, sink);
    return { record, controller };
  }

  /** Pulls the dongle out; the port is free again. */
  release(): void {
    this.#unplug = undefined;
    // Until it is plugged in, its power is for the reading of its descriptors.
    if (this.#plugged) this.#dongle.powerOff();
    this.#plugged = false;
  }

  /** Makes the importer lose the dongle; false when nobody has it. */
  unplug(): boolean {
    const unplug = this.#unplug;
    unplug?.();
    return unplug !== undefined;
  }
}
