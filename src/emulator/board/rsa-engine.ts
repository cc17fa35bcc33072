import { constants, generateKeyPair, type KeyObject, sign } from 'node:crypto';
import { fromBase64Url } from '../../bytes.ts';

/** Key lengths that the engine can make, in bits. */
export type RsaBits = 2048 | 3072 | 4096;

/** How a digest becomes the number that RSA signs (RFC 8017 §8). */
export type RsaScheme = 'pkcs1' | 'pss';

/** Hashes that the engine can sign with. */
export type RsaHash = 'sha256' | 'sha384' | 'sha512';

/** A private key inside the engine; only what is public can be read. */
export interface RsaKey {
  /** Big-endian, without leading zeros: 256, 384 or 512 bytes. */
  readonly modulus: Uint8Array;
  /** Big-endian, without leading zeros. */
  readonly exponent: Uint8Array;
  /** Hashes and signs; the PSS salt is as long as the hash. */
  sign(scheme: RsaScheme, hash: RsaHash, message: Uint8Array): Promise<Uint8Array>;
}

/** The chip's big-number engine: slow, and beside the core, which goes on meanwhile. */
export interface RsaEngine {
  generate(bits: RsaBits): Promise<RsaKey>;
}

/** RSA by OpenSSL on Node's thread pool. */
export const nativeRsaEngine: RsaEngine = {
  generate(bits) {
    return new Promise((resolve, reject) => {
      const options = { modulusLength: bits, publicKeyEncoding: { format: 'jwk' } };
      generateKeyPair(
        'rsa',
        // The types of Node 20 do not know that this encoding gives a JWK.
        options as never,
        (error: Error | null, publicKey: unknown, privateKey: KeyObject) => {
          if (error) reject(error);
          else resolve(nativeKey(publicKey as { n: string; e: string }, privateKey));
        },
      );
    });
  },
};

function nativeKey(publicKey: { n: string; e: string }, key: KeyObject): RsaKey {
  return {
    modulus: fromBase64Url(publicKey.n),
    exponent: fromBase64Url(publicKey.e),
    sign(scheme, hash, message) {
      const padding =
        scheme === 'pss'
          ? {
              padding: constants.RSA_PKCS1_PSS_PADDING,
              saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
            }
          : { padding: constants.RSA_PKCS1_PADDING };
      return new Promise((resolve, reject) => {
        sign(hash, message, { key, ...padding }, (error, signature) => {
          if (error) reject(error);
          else resolve(Uint8Array.from(signature));
        });
      });
    },
  };
}
