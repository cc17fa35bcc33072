import { suite } from '#crypto';
import { type Clock, systemClock } from '../../clock.ts';
import type { DhKey, MaybePromise } from '../../crypto/suite.ts';
import { type AesEngine, nativeAesEngine } from './aes-engine.ts';
import { type EccEngine, nativeEccEngine } from './ecc-engine.ts';
import { type Flash, MemoryFlash } from './flash.ts';
import { type MacEngine, nativeMacEngine } from './mac-engine.ts';
import { type RandomSource, systemRandom } from './random.ts';
import { nativeRsaEngine, type RsaEngine } from './rsa-engine.ts';
import { UsbController } from './usb-controller.ts';

/** The hardware of a dongle, without any behaviour: what the firmware finds when it boots. */
export interface Board {
  readonly clock: Clock;
  readonly random: RandomSource;
  /** A fresh X25519 key, made of the board's randomness. */
  readonly generateDhKey: () => MaybePromise<DhKey>;
  readonly flash: Flash;
  readonly aes: AesEngine;
  readonly mac: MacEngine;
  readonly rsa: RsaEngine;
  readonly ecc: EccEngine;
  readonly usb: UsbController;
  readonly led: Led;
}

/** The light on the box. */
export interface Led {
  /** How often it has winked since the board was made. */
  winks: number;
}

/** What may be put on a board in place of the usual parts. */
export interface BoardParts {
  readonly clock?: Clock | undefined;
  readonly random?: RandomSource | undefined;
  readonly flash?: Flash | undefined;
  readonly aes?: AesEngine | undefined;
  readonly rsa?: RsaEngine | undefined;
  readonly ecc?: EccEngine | undefined;
}

/** Puts a board together; parts not given are the machine's clock and randomness, erased flash in
 * memory, and the engines of Node. */
export function assembleBoard(parts: BoardParts = {}): Board {
  const { random = systemRandom } = parts;
  return {
    clock: parts.clock ?? systemClock,
    random,
    // The system's randomness is also where OpenSSL makes keys from, in half the time.
    generateDhKey:
      random === systemRandom ? suite.generateDhKey : () => suite.importDhKey(random(32)),
    flash: parts.flash ?? new MemoryFlash(),
    aes: parts.aes ?? nativeAesEngine,
    mac: nativeMacEngine,
    rsa: parts.rsa ?? nativeRsaEngine,
    ecc: parts.ecc ?? nativeEccEngine,
    usb: new UsbController(),
    led: { winks: 0 },
  };
}
