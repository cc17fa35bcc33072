import { expect, test } from 'vitest';
import { MemoryFlash } from '../../src/emulator/board/flash.ts';
import { PowerCut, type TearPattern, TornFlash } from '../../src/emulator/board/torn-flash.ts';

const half: TearPattern = (bit, count) => 2 * bit < count;

function makeFlash() {
  const cells = new MemoryFlash({ pageBytes: 8, pageCount: 2 });
  return { cells, flash: new TornFlash(cells) };
}

test.each<[string, TearPattern, number[]]>([
  ['none', () => false, [0b1111_1111, 0b1111_0000]],
  ['all', () => true, [0b0011_1100, 0b1010_0000]],
  ['the first half', half, [0b0011_1101, 0b1111_0000]],
  ['one', (bit) => bit === 5, [0b1111_1111, 0b1110_0000]],
])('a torn program clears %s of the bits that it should clear', (_name, pattern, expected) => {
  const { cells, flash } = makeFlash();
  flash.program(1, Uint8Array.of(0b1111_0000));
  flash.cutAt(1, pattern);
  expect(() => flash.program(0, Uint8Array.of(0b0011_1100, 0b1010_0000))).toThrow(PowerCut);
  expect(cells.read(0, 2)).toEqual(Uint8Array.from(expected));
});

test('a torn erase sets some of the bits that it should set, in its page alone', () => {
  const { cells, flash } = makeFlash();
  for (const address of [0, 8, 9]) flash.program(address, Uint8Array.of(0b1100_0110));
  flash.cutAt(1, half);
  expect(() => flash.erase(1)).toThrow(PowerCut);
  expect(cells.read(0, 1)).toEqual(Uint8Array.of(0b1100_0110));
  expect(cells.read(8, 3)).toEqual(Uint8Array.of(0b1111_1111, 0b1100_0110, 0xff));
});

test('the cut comes in the operation that was asked for, and nothing happens afterwards', () => {
  const { cells, flash } = makeFlash();
  flash.cutAt(3, () => true);
  flash.program(0, Uint8Array.of(1));
  flash.erase(1);
  expect(flash.powered).toBe(true);
  expect(() => flash.program(1, Uint8Array.of(2))).toThrow(PowerCut);
  expect(flash.powered).toBe(false);
  expect(() => flash.program(2, Uint8Array.of(3))).toThrow(PowerCut);
  expect(() => flash.erase(0)).toThrow(PowerCut);
  expect(() => flash.read(0, 1)).toThrow(PowerCut);
  expect(cells.read(0, 3)).toEqual(Uint8Array.of(1, 2, 0xff));
  expect(flash.operations).toBe(3);
});

test('with power again it works, and a cut that has not come is forgotten', () => {
  const { flash } = makeFlash();
  flash.cutAt(1, () => false);
  expect(() => flash.erase(0)).toThrow(PowerCut);
  flash.cutAt(1, () => false);
  flash.powerOn();
  flash.program(0, Uint8Array.of(9));
  expect(flash.read(0, 1)).toEqual(Uint8Array.of(9));
});
