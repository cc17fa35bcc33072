import {
  nativeRsaEngine,
  type RsaBits,
  type RsaEngine,
  type RsaKey,
  type VirtualClock,
} from '../../src/emulator/index.ts';
import type { KeyMaterial } from '../../src/index.ts';
import pool from '../fixtures/rsa-keys.json' with { type: 'json' };

/** What the chip needs, in milliseconds of its clock. */
const modelledMs = {
  2048: { generate: 1_500, use: 20 },
  3072: { generate: 5_000, use: 60 },
  4096: { generate: 12_000, use: 140 },
} as const satisfies Record<RsaBits, { generate: number; use: number }>;

/**
 * The RSA engine in virtual time, with one unit: it takes as long as a chip would, its keys come one
 * after the other from the fixtures, and its signatures are real.
 */
export function simulatedRsa(clock: VirtualClock): RsaEngine {
  const pause = (ms: number) => new Promise<void>((resolve) => clock.after(ms, resolve));
  let taken = 0;
  return {
    units: 1,
    async generate(bits) {
      await pause(modelledMs[bits].generate);
      const keys = pool.keys.filter((key) => key.bits === bits);
      const { p, q, e } = keys[taken++ % keys.length] as (typeof keys)[number];
      return {
        type: `rsa${bits}`,
        p: fromText(p),
        q: fromText(q),
        exponent: fromText(e),
      } satisfies KeyMaterial;
    },
    // The check of a key that comes from outside takes no time of the model's.
    isPrime: (number) => clock.during(nativeRsaEngine.isPrime(number)),
    open(material) {
      const key = nativeRsaEngine.open(material);
      const { use } = modelledMs[(8 * key.modulus.length) as RsaBits];
      return {
        modulus: key.modulus,
        exponent: key.exponent,
        async sign(signing) {
          await pause(use);
          return clock.during(key.sign(signing));
        },
        async decrypt(decryption) {
          await pause(use);
          return clock.during(key.decrypt(decryption));
        },
      } satisfies RsaKey;
    },
  };
}

/** An engine with one unit that makes keys in this way. */
export function oneUnit(generate: RsaEngine['generate']): RsaEngine {
  return { ...nativeRsaEngine, units: 1, generate };
}

function fromText(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'base64url'));
}
