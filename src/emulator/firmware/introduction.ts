import { noBytes } from '../../bytes.ts';
import type { FaceName } from '../../link.ts';
import { chainIdOf } from '../../protocol/certificates/index.ts';
import { channelVersions, helloResponse } from '../../protocol/channel/index.ts';
import { encode } from '../../protocol/schema/index.ts';
import type { RandomSource } from '../board/random.ts';
import type { Manufacture } from './manufacture-block.ts';

/** What the dongle says of itself to anybody. */
export class Introduction {
  readonly #manufacture: Manufacture;
  readonly #random: RandomSource;
  readonly #chainId: Uint8Array;
  /** As it is all through an attach, but for a lockout. */
  readonly #encoded = new Map<FaceName, Uint8Array>();
  #attachId = noBytes;

  constructor(manufacture: Manufacture, random: RandomSource) {
    this.#manufacture = manufacture;
    this.#random = random;
    this.#chainId = chainIdOf(manufacture.chain);
  }

  /** A new attach begins. */
  attach(): void {
    this.#encoded.clear();
    this.#attachId = this.#random(8);
  }

  /** The answer to HELLO on a face, while the dongle is locked for so long. */
  on(face: FaceName, largestMessage: number, lockedMs: number): Uint8Array {
    if (lockedMs > 0) return this.#encode(face, largestMessage, Math.ceil(lockedMs / 1000));
    let encoded = this.#encoded.get(face);
    if (encoded === undefined) {
      encoded = this.#encode(face, largestMessage);
      this.#encoded.set(face, encoded);
    }
    return encoded;
  }

  #encode(face: FaceName, largestMessage: number, lockedSeconds?: number): Uint8Array {
    const { serial, model } = this.#manufacture;
    return encode(helloResponse, {
      ...{ serial, model, chainId: this.#chainId, face, attachId: this.#attachId },
      ...{ versions: channelVersions, largestMessage },
      ...(lockedSeconds !== undefined && { lockedSeconds }),
    });
  }
}
