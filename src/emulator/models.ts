import type { Capability } from '../protocol/certificates/index.ts';
import { type FlashGeometry, largeFlash, smallFlash } from './board/flash.ts';

/** What one kind of dongle has. */
export interface Model {
  /** As its certificate says. */
  readonly name: string;
  /** What the chip does, or the driver for it. */
  readonly capabilities: readonly Capability[];
  readonly flash: FlashGeometry;
  /** Memory for partitions, in bytes: whole blocks. */
  readonly memoryBytes: number;
  /** Keys that it keeps when the power goes, besides those made at manufacture. */
  readonly keys: number;
  /** Licenses that it keeps; none without a license table. */
  readonly licenses: number;
}

/** The models that can be made. */
export const models = {
  standard: {
    name: 'Emulated Standard',
    capabilities: ['aes', 'rsa', 'ecc', 'memory', 'licenses'],
    flash: largeFlash,
    memoryBytes: 65_536,
    keys: 16,
    licenses: 24,
  },
  driver: {
    name: 'Emulated Driver',
    capabilities: ['aes', 'rsaDriver', 'ecc', 'memory', 'licenses'],
    flash: largeFlash,
    memoryBytes: 16_384,
    keys: 16,
    licenses: 24,
  },
  small: {
    name: 'Emulated Small',
    capabilities: ['aes', 'rsa', 'ecc', 'memory'],
    flash: smallFlash,
    memoryBytes: 4_096,
    keys: 4,
    licenses: 0,
  },
} as const satisfies Record<string, Model>;

export type ModelName = keyof typeof models;

export const modelNames = Object.keys(models) as ModelName[];

/** The model that is made of a flash unless another is named: the best one that it holds. */
export function usualModel({ pageBytes, pageCount }: FlashGeometry): ModelName {
  const { standard } = models;
  const isLarge = pageBytes === standard.flash.pageBytes && pageCount >= standard.flash.pageCount;
  return isLarge ? 'standard' : 'small';
}
