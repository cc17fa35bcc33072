import type { FlashGeometry } from '../../src/emulator/board/flash.ts';
import type { Random } from '../support/seed.ts';
import { forgedImage } from './forged-images.ts';

type Mutation = (
  image: Uint8Array,
  geometry: FlashGeometry,
  random: Random,
  other: Uint8Array,
) => Uint8Array;

/** One or two pages of an image, at random, as views on it. */
function pagesOf(image: Uint8Array, { pageBytes, pageCount }: FlashGeometry, random: Random) {
  const page = () => {
    const at = random.below(pageCount) * pageBytes;
    return image.subarray(at, at + pageBytes);
  };
  return [page(), page()] as const;
}

const mutations: readonly Mutation[] = [
  (image, _geometry, random) => {
    for (let flips = 1 + random.below(20); flips > 0; flips--) {
      const at = random.below(image.length);
      image[at] = (image[at] as number) ^ (1 << random.below(8));
    }
    return image;
  },
  (image, _geometry, random) => {
    const at = random.below(image.length);
    image.set(random.bytes(random.below(Math.min(64, image.length - at) + 1)), at);
    return image;
  },
  (image, _geometry, random, other) => {
    const at = random.below(image.length);
    image.set(other.subarray(at), at);
    return image;
  },
  (image, geometry, random) => {
    pagesOf(image, geometry, random)[0].fill(random.pick([0, 0xff]));
    return image;
  },
  (image, geometry, random) => {
    pagesOf(image, geometry, random)[0].fill(
      random.pick([0, 0xff]),
      random.below(geometry.pageBytes),
    );
    return image;
  },
  (image, geometry, random) => {
    const [from, to] = pagesOf(image, geometry, random);
    to.set(from);
    return image;
  },
  (image, geometry, random) => {
    const [one, two] = pagesOf(image, geometry, random);
    const first = one.slice();
    one.set(two);
    two.set(first);
    return image;
  },
  (image, geometry, random, other) => {
    const [from] = pagesOf(other, geometry, random);
    image.set(from, from.byteOffset - other.byteOffset);
    return image;
  },
  (image, geometry, random) => {
    // As after power cuts in programs that the store never began.
    const [page] = pagesOf(image, geometry, random);
    for (let i = random.below(page.length); i < page.length; i++) {
      if (random.below(4) === 0) page[i] = (page[i] as number) & random.below(256);
    }
    return image;
  },
  (image, _geometry, random) => random.bytes(image.length),
  (_image, geometry, random) => forgedImage(geometry, random),
  (_image, geometry, random) => forgedImage(geometry, random),
];

/** An image that is not what a store has left: made of real ones, of forged ones, or of nothing. */
export function mutatedImage(
  images: readonly Uint8Array[],
  geometry: FlashGeometry,
  random: Random,
): Uint8Array {
  let image: Uint8Array = random.pick(images).slice();
  for (let i = 1 + random.below(2); i > 0; i--) {
    image = random.pick(mutations)(image, geometry, random, random.pick(images));
  }
  return image;
}
