import { DongleError } from '../errors.ts';
import { assembleBoard, type Board, type BoardParts } from './board/board.ts';
import { boot } from './firmware/boot.ts';
import { Power } from './firmware/power.ts';

/** A dongle made of software: a board, and the firmware that runs while it has power. */
export class EmulatedDongle {
  /** The hardware, for ports. Hosts reach a dongle through a port alone. */
  readonly board: Board;
  #power: Power | undefined;
  #booted: Promise<void> | undefined;

  /** Puts a dongle together, without power. Its flash must have been through `manufacture`. */
  constructor(parts: BoardParts = {}) {
    this.board = assembleBoard(parts);
  }

  /**
   * Gives the board power and boots the firmware; nothing happens when it has power already.
   *
   * @throws DongleError `FLASH_INVALID` where the flash holds no dongle
   */
  powerOn(): Promise<void> {
    if (this.#power === undefined) {
      this.#power = new Power(this.board.clock);
      this.#booted = this.#boot(this.#power);
    }
    return this.#booted as Promise<void>;
  }

  async #boot(power: Power): Promise<void> {
    try {
      const booted = await boot(this.board, power);
      if (booted.ok) return;
      throw new DongleError(
        booted.code,
        `This is not the flash of a latchkey dongle, or it is damaged: ${booted.detail}. Give another file, or a new name to make a new dongle.`,
      );
    } catch (error) {
      if (this.#power === power) this.powerOff();
      throw error;
    }
  }

  /** Whether the board has power. */
  get on(): boolean {
    return this.#power !== undefined;
  }

  /** Cuts the power: all that is not in flash is gone. */
  powerOff(): void {
    this.#power?.cut();
    this.#power = undefined;
    this.board.usb.powerDown();
  }
}
