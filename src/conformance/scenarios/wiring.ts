import type { TornFlash } from '../../emulator/board/torn-flash.ts';
import {
  EmulatedDongle,
  HubPort,
  type RandomSource,
  type VirtualClock,
} from '../../emulator/index.ts';
import type { LinkSource } from '../../link.ts';
import { PowerMeter } from './power-meter.ts';

/** Hears what happens to the dongle. Machines are numbers, from 0. */
export interface WiringListener {
  /** The next attach will be another one. */
  detached(): void;
  /** That machine has the dongle now. */
  arrived(machine: number): void;
}

/** A dongle in a hub between machines, and its power. */
export class Wiring {
  readonly meter: PowerMeter;
  readonly #hub: HubPort;
  readonly #flash: TornFlash;
  readonly #random: RandomSource;
  readonly #listener: WiringListener;

  constructor(
    board: {
      readonly clock: VirtualClock;
      readonly random: RandomSource;
      readonly flash: TornFlash;
    },
    machineCount: number,
    listener: WiringListener,
  ) {
    this.meter = new PowerMeter(board.clock);
    this.#hub = new HubPort(new EmulatedDongle(board), machineCount);
    this.#flash = board.flash;
    this.#random = board.random;
    this.#listener = listener;
  }

  /** The dongle as a machine reaches it. */
  source(machine: number): LinkSource {
    return this.#hub.host(machine).source('hid');
  }

  /** The machines that have the dongle. */
  get connected(): readonly number[] {
    return this.#hub.connected;
  }

  /** Pulls the dongle out, and plugs it into these machines. */
  async plug([first, ...others]: readonly number[]): Promise<void> {
    this.unplug();
    if (first === undefined) return;
    this.meter.begin();
    await this.#hub.switchTo(first);
    if (others.length > 0) this.#hub.share();
    this.#arrive();
  }

  unplug(): void {
    if (!this.meter.on) return;
    this.meter.end();
    this.#listener.detached();
    this.#hub.unplug();
  }

  /** Connects all machines. */
  share(): void {
    this.#hub.share();
    this.#arrive();
  }

  resetBus(): void {
    this.#listener.detached();
    this.#hub.reset();
  }

  /** Takes power away and gives it back, where the dongle is plugged in. */
  cutPower(): Promise<void> {
    return this.plug(this.connected);
  }

  /** Power will go in the middle of that write or erase, the first one being 1. */
  tearWrite(nth: number): void {
    this.#flash.cutAt(nth, () => {
      this.meter.lose();
      return ((this.#random(1)[0] as number) & 1) === 1;
    });
  }

  /** Whether the dongle has lost power in the middle of a write. */
  get isTorn(): boolean {
    return !this.#flash.powered;
  }

  /** Gives power back to it. */
  mend(): Promise<void> {
    this.#flash.powerOn();
    return this.cutPower();
  }

  #arrive(): void {
    for (const machine of this.connected) this.#listener.arrived(machine);
  }
}
