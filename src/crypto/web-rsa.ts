import {
  type OaepHash,
  type RsaNumbers,
  type RsaPrivateKey,
  rsaJwk,
  type SigningHash,
} from './rsa.ts';

// RSA by WebCrypto: private keys that cannot be extracted. Node has it too.

const { subtle } = globalThis.crypto;

const webHashes = {
  sha1: 'SHA-1',
  sha256: 'SHA-256',
  sha384: 'SHA-384',
  sha512: 'SHA-512',
} as const satisfies Record<Exclude<OaepHash, 'sha224'>, string>;

/** An RSA key in WebCrypto, where one is for one algorithm and one hash alone. */
export function importWebRsaKey(numbers: RsaNumbers): RsaPrivateKey {
  const jwk = rsaJwk(numbers);
  const keyFor = (name: string, hash: keyof typeof webHashes, use: 'sign' | 'decrypt') =>
    subtle.importKey('jwk', jwk, { name, hash: webHashes[hash] }, false, [use]);
  return {
    async sign({ scheme, hash, input, saltBytes }) {
      if ('digest' in input) {
        throw unsupported(
          'A page signs messages, not hashes of them; give it the message, or use a dongle with RSA on its chip.',
        );
      }
      const algorithm: { name: string; saltLength?: number } =
        scheme === 'pss'
          ? { name: 'RSA-PSS', saltLength: saltBytes }
          : { name: 'RSASSA-PKCS1-v1_5' };
      const key = await keyFor(algorithm.name, hash satisfies SigningHash, 'sign');
      return new Uint8Array(await subtle.sign(algorithm, key, source(input.message)));
    },
    async decrypt({ hash, maskHash, label, ciphertext }) {
      if (maskHash !== hash || hash === 'sha224') {
        throw unsupported(
          'A page decrypts OAEP with one hash for label and mask, and not with SHA-224; use another hash, or a dongle with RSA on its chip.',
        );
      }
      const key = await keyFor('RSA-OAEP', hash, 'decrypt');
      const algorithm = { name: 'RSA-OAEP', label: source(label) };
      try {
        return new Uint8Array(await subtle.decrypt(algorithm, key, source(ciphertext)));
      } catch {
        return undefined;
      }
    },
  };
}

const unsupported = (message: string) => new DOMException(message, 'NotSupportedError');

/** `bytes` as WebCrypto's types want them; at run time it takes views of any buffer but a shared one. */
const source = (bytes: Uint8Array) => bytes as Uint8Array<ArrayBuffer>;
