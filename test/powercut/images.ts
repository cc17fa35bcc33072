import { equalBytes } from '../../src/bytes.ts';
import { type Flash, type FlashGeometry, MemoryFlash } from '../../src/emulator/board/flash.ts';
import { Store } from '../../src/emulator/firmware/store/store.ts';
import {
  type Change,
  mostCount,
  type StoreKey,
} from '../../src/emulator/firmware/store/store-key.ts';
import { createRandom, type Random } from '../support/seed.ts';
import { mutatedImage } from './mutated-images.ts';
import { BreachError, Oracle } from './oracle.ts';
import type { Tally } from './tally.ts';

/** What a flash holds somewhere in a workload, and what is known of it. */
export interface KnownImage {
  readonly name: string;
  readonly geometry: FlashGeometry;
  readonly image: Uint8Array;
  readonly oracle: Oracle;
}

/**
 * Boots what no store has left: it must be refused by name, or work.
 *
 * @param known - images of one geometry, to make it from
 */
export function bootArbitrary(known: readonly KnownImage[], tally: Tally, random: Random): void {
  const { geometry, name } = random.pick(known);
  const seed = random.below(2 ** 32);
  tally.count('images');
  tally.attempt(
    () => `an image made from ${name} and others, with seed ${seed}`,
    () => {
      const own = createRandom(seed);
      const images = [random.pick(known), random.pick(known)].map((each) => each.image);
      const image = mutatedImage(images, geometry, own);
      const flash = new LimitedFlash(new MemoryFlash(geometry, { image }));
      const store = boot(flash, image);
      if (store !== undefined) work(store, flash, own);
    },
  );
}

/** Flips each bit of an image's store, one at a time: it must be refused, or change nothing that was
 * acknowledged. */
export function flipEveryBit(known: KnownImage, tally: Tally, random: Random): void {
  const { geometry, image, oracle } = known;
  for (let bit = 8 * geometry.pageBytes; bit < 8 * image.length; bit++) {
    tally.count('images');
    tally.attempt(
      () => `${known.name}, bit ${bit % 8} of byte ${bit >> 3} flipped`,
      () => {
        const flipped = image.slice();
        flipped[bit >> 3] = (image[bit >> 3] as number) ^ (1 << (bit % 8));
        const flash = new LimitedFlash(new MemoryFlash(geometry, { image: flipped }));
        const store = boot(flash, flipped);
        if (store === undefined) return;
        oracle.copy().judge(store);
        if (bit % 16 === 0) work(store, flash, random);
      },
    );
  }
}

/** Boots; undefined where it is refused, in words and without a change. */
function boot(flash: Flash, image: Uint8Array): Store | undefined {
  const opened = Store.open(flash);
  if (opened.ok) return opened.value;
  if (opened.code !== 'FLASH_INVALID' || opened.detail === '')
    throw new Error('refused without a reason');
  if (!equalBytes(flash.read(0, image.length), image)) throw new Error('refused, and changed');
  return undefined;
}

/** Commits to a store, of which nothing is known, and boots again in between. */
function work(store: Store, flash: Flash, random: Random): void {
  const oracle = new Oracle();
  let current = store;
  for (let i = 1 + random.below(random.pick([1, 3, 30])); i > 0; i--) {
    const outcome = oracle.watch(current).commit(changesOf(current, flash, random));
    if (!outcome.ok && outcome.detail === '') throw new Error('no space without a reason');
    if (random.below(2) === 0) continue;
    const opened = Store.open(flash);
    if (!opened.ok)
      throw new BreachError('lost', `what it has written is refused: ${opened.detail}`);
    current = opened.value;
    oracle.judge(current);
  }
}

function changesOf(store: Store, flash: Flash, random: Random): Change[] {
  // Below 6 are ids that a forged image has, perhaps under another kind.
  const idAmong = random.pick([6, 60]);
  const key = (place: number, kind: StoreKey['kind']) =>
    ({ id: random.below(idAmong) * 4 + place, name: kind, kind, maxBytes: 1024 }) as const;
  const bytes = () => random.bytes(random.below(flash.pageBytes / 4));
  const counter = key(0, 'counter');
  return [
    { key: key(1, 'value'), value: bytes() },
    { key: key(2, 'secret'), value: bytes() },
    { key: key(3, 'value'), remove: true } as const,
    { key: counter, count: Math.min(store.count(counter) + random.below(9), mostCount) },
  ].slice(random.below(4));
}

/** More reads, programs and erases than any boot or any commits here can need. */
const mostOperations = 100_000;

/** Flash that notices when there is no end to what is done with it. */
class LimitedFlash implements Flash {
  readonly pageBytes: number;
  readonly pageCount: number;
  readonly #flash: Flash;
  #operations = 0;

  constructor(flash: Flash) {
    this.pageBytes = flash.pageBytes;
    this.pageCount = flash.pageCount;
    this.#flash = flash;
  }

  read(address: number, length: number): Uint8Array {
    this.#count();
    return this.#flash.read(address, length);
  }

  program(address: number, data: Uint8Array): void {
    this.#count();
    this.#flash.program(address, data);
  }

  erase(page: number): void {
    this.#count();
    this.#flash.erase(page);
  }

  #count(): void {
    this.#operations++;
    if (this.#operations > mostOperations) throw new Error('it does not come to an end');
  }
}
