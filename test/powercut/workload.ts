import type { FlashGeometry } from '../../src/emulator/board/flash.ts';
import type { Store } from '../../src/emulator/firmware/store/store.ts';
import type { Random } from '../support/seed.ts';

/** The store as a workload sees it. */
export type StoreView = Pick<Store, 'get' | 'count' | 'commit'>;

/**
 * A piece of work on the store. What it commits may depend on what is stored, and on nothing else: it
 * is done again when the power went in the middle of it.
 */
export type Step = (store: StoreView) => void;

/** Commits during which the power is cut. */
export interface Workload {
  readonly name: string;
  readonly geometry: FlashGeometry;
  /** How often it is taken where one is taken at random, beside the others. */
  readonly share: number;
  steps(random: Random): readonly Step[];
}
