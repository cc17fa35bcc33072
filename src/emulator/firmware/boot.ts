import { suite } from '#crypto';
import type { Outcome } from '../../errors.ts';
import type { Board } from '../board/board.ts';
import { Firmware } from './firmware.ts';
import { readManufactureBlock } from './manufacture-block.ts';
import type { Power } from './power.ts';

/**
 * What a chip does when it gets power: finds out who it is, and waits for a host. When the power is
 * cut before that is done, nothing starts.
 */
export async function boot(
  board: Board,
  power: Power,
): Promise<Outcome<undefined, 'FLASH_INVALID'>> {
  const manufacture = readManufactureBlock(board.flash);
  if (!manufacture.ok) return manufacture;
  const staticKey = await suite.importDhKey(manufacture.value.staticKey);
  if (power.on) new Firmware(board, power, manufacture.value, staticKey);
  return { ok: true, value: undefined };
}
