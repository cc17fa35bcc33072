import { suite } from '#crypto';
import type { Outcome } from '../../errors.ts';
import type { Board } from '../board/board.ts';
import { loadDurable } from './durable.ts';
import { Firmware } from './firmware.ts';
import { readManufactureBlock } from './manufacture-block.ts';
import type { Power } from './power.ts';
import { Store } from './store/store.ts';

/**
 * What a chip does when it gets power: finds out who it is and who has it, and waits for a host. When the power is
 * cut before that is done, nothing starts.
 */
export async function boot(
  board: Board,
  power: Power,
): Promise<Outcome<undefined, 'FLASH_INVALID'>> {
  const manufacture = readManufactureBlock(board.flash);
  if (!manufacture.ok) return manufacture;
  const staticKey = await suite.importDhKey(manufacture.value.staticKey);
  if (!power.on) return { ok: true, value: undefined };
  // Opening the store may write to the flash, so the power must be on.
  const store = Store.open(board.flash);
  if (!store.ok) return store;
  const durable = loadDurable(store.value);
  if (!durable.ok) return durable;
  const memory = { manufacture: manufacture.value, store: store.value, durable: durable.value };
  new Firmware(board, power, memory, staticKey);
  return { ok: true, value: undefined };
}
