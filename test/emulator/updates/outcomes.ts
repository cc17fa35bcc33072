import { expect } from 'vitest';
import { openContext, openReceipt } from '../../../src/protocol/updates/index.ts';
import { testTrust } from '../../support/rig.ts';
import { apply, bootChip, type Chip, newFlash, stored } from './chip.ts';
import { Shop } from './shop.ts';

const trust = await testTrust();

export async function readReceipt(file: Uint8Array) {
  const opened = await openReceipt(file, trust);
  if (!opened.ok) throw new Error(opened.detail);
  return opened.value.receipt;
}

export async function readContext(file: Uint8Array) {
  const opened = await openContext(file, trust);
  if (!opened.ok) throw new Error(opened.detail);
  return opened.value.context;
}

/** A dongle, and the vendor that has made it. */
export async function begin() {
  return { chip: await bootChip(await newFlash()), shop: await Shop.open() };
}

/** Whether bytes lie anywhere in a flash. */
export function holds(chip: Chip, bytes: Uint8Array): boolean {
  const { flash } = chip;
  const image = flash.read(0, flash.pageBytes * flash.pageCount);
  return Buffer.from(image).includes(Buffer.from(bytes));
}

/** Applies what must be refused, and must change nothing. */
export async function refusalOf(chip: Chip, file: Uint8Array) {
  const before = stored(chip);
  const outcome = await apply(chip, file);
  expect(stored(chip)).toEqual(before);
  return 'refused' in outcome ? outcome.refused : outcome.applied;
}
