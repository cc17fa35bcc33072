import type { KeyObject } from 'node:crypto';
import { openssl } from './openssl.ts';
import {
  hashBytes,
  type RsaDecryption,
  type RsaNumbers,
  type RsaPrivateKey,
  type RsaSigning,
  rsaJwk,
} from './rsa.ts';
import { decodeOaep, encodePkcs1, encodePss, hashOf } from './rsa-encoding.ts';

/**
 * An RSA key on OpenSSL, which blinds each operation and checks what it has computed by the Chinese
 * remainder theorem before it gives it out: a fault in the computation shows no prime (Boneh, DeMillo
 * and Lipton, 1997).
 *
 * Messages are signed on Node's thread pool. Hashes are signed, and OAEP with any two hashes decrypted,
 * by the raw operation, which Node has in the calling thread alone.
 *
 * @param salts - where salts of PSS come from; the system unless given
 */
export function importNodeRsaKey(
  numbers: RsaNumbers,
  salts?: (count: number) => Uint8Array,
): RsaPrivateKey {
  const key = openssl().createPrivateKey({ key: rsaJwk(numbers), format: 'jwk' });
  const bytes = numbers.n.length;
  return {
    async sign(signing) {
      const { scheme, input } = signing;
      if ('message' in input && (scheme === 'pkcs1' || salts === undefined)) {
        return signOnPool(key, signing, input.message);
      }
      return signRaw(key, signing, bytes, salts ?? systemSalts);
    },
    decrypt: async (decryption) => decryptRaw(key, decryption, bytes),
  };
}

function signOnPool(
  key: KeyObject,
  { scheme, hash, saltBytes }: RsaSigning,
  message: Uint8Array,
): Promise<Uint8Array> {
  const padding =
    scheme === 'pss'
      ? { padding: openssl().constants.RSA_PKCS1_PSS_PADDING, saltLength: saltBytes }
      : { padding: openssl().constants.RSA_PKCS1_PADDING };
  return new Promise((resolve, reject) => {
    openssl().sign(hash, message, { key, ...padding }, (error, signature) => {
      if (error) reject(error);
      else resolve(Uint8Array.from(signature));
    });
  });
}

function signRaw(
  key: KeyObject,
  { scheme, hash, input, saltBytes }: RsaSigning,
  bytes: number,
  salts: (count: number) => Uint8Array,
): Uint8Array {
  const digest = 'digest' in input ? input.digest : hashOf(hash, input.message);
  const encoded =
    scheme === 'pss'
      ? encodePss(hash, digest, salts(saltBytes), bytes)
      : encodePkcs1(hash, digest, bytes);
  return raw(key, encoded);
}

function decryptRaw(
  key: KeyObject,
  { hash, maskHash, label, ciphertext }: RsaDecryption,
  bytes: number,
): Uint8Array | undefined {
  if (ciphertext.length !== bytes || bytes < 2 * hashBytes[hash] + 2) return undefined;
  let encoded: Uint8Array;
  try {
    encoded = raw(key, ciphertext);
  } catch {
    // A number as large as the modulus, which anybody can see.
    return undefined;
  }
  const data = decodeOaep(encoded, hash, maskHash, label);
  encoded.fill(0);
  return data;
}

/** RSASP1 and RSADP (RFC 8017 §5). */
function raw(key: KeyObject, number: Uint8Array): Uint8Array {
  return Uint8Array.from(
    openssl().privateDecrypt({ key, padding: openssl().constants.RSA_NO_PADDING }, number),
  );
}

function systemSalts(count: number): Uint8Array {
  return openssl().randomFillSync(new Uint8Array(count));
}
