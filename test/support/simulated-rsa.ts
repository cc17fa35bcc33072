import { constants, createPrivateKey, type KeyObject, sign } from 'node:crypto';
import type {
  RsaBits,
  RsaEngine,
  RsaHash,
  RsaKey,
  RsaScheme,
  VirtualClock,
} from '../../src/emulator/index.ts';
import pool from '../fixtures/rsa-keys.json' with { type: 'json' };

/** What the chip needs, in milliseconds of its clock. */
const modelledMs = {
  2048: { generate: 1_500, sign: 20 },
  3072: { generate: 5_000, sign: 60 },
  4096: { generate: 12_000, sign: 140 },
} as const satisfies Record<RsaBits, { generate: number; sign: number }>;

/**
 * The RSA engine in virtual time: it takes as long as a chip would, its keys come one after the
 * other from the fixtures, and its signatures are real.
 */
export function simulatedRsa(clock: VirtualClock): RsaEngine {
  const pause = (ms: number) => new Promise<void>((resolve) => clock.after(ms, resolve));
  let taken = 0;
  return {
    async generate(bits) {
      await pause(modelledMs[bits].generate);
      const keys = pool.keys.filter((key) => key.bits === bits);
      const jwk = keys[taken++ % keys.length] as (typeof keys)[number];
      const privateKey = createPrivateKey({ key: jwk, format: 'jwk' });
      return {
        modulus: Uint8Array.from(Buffer.from(jwk.n, 'base64url')),
        exponent: Uint8Array.from(Buffer.from(jwk.e, 'base64url')),
        async sign(scheme, hash, message) {
          await pause(modelledMs[bits].sign);
          return clock.during(signed(privateKey, scheme, hash, message));
        },
      } satisfies RsaKey;
    },
  };
}

function signed(
  key: KeyObject,
  scheme: RsaScheme,
  hash: RsaHash,
  message: Uint8Array,
): Promise<Uint8Array> {
  const padding =
    scheme === 'pss'
      ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
      : { padding: constants.RSA_PKCS1_PADDING };
  return new Promise((resolve, reject) => {
    sign(hash, message, { key, ...padding }, (error, signature) => {
      if (error) reject(error);
      else resolve(Uint8Array.from(signature));
    });
  });
}
