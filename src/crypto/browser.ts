import { gcm } from '@noble/ciphers/aes.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { concatBytes, fromBase64Url, fromHex } from '../bytes.ts';
import type { Aead, CryptoSuite } from './suite.ts';
import { importWebRsaKey } from './web-rsa.ts';
import { generateWebKeyPair, webDhKey, webSharedSecret } from './web-x25519.ts';

const { subtle } = globalThis.crypto;

const zeros = new Uint8Array(32);

/** `bytes` as WebCrypto's types want them; at run time it takes views of any buffer but a shared one. */
const source = (bytes: Uint8Array) => bytes as Uint8Array<ArrayBuffer>;

function nonceOf(counter: number): Uint8Array {
  const nonce = new Uint8Array(12);
  const view = new DataView(nonce.buffer);
  view.setUint32(4, counter / 0x1_0000_0000);
  view.setUint32(8, counter % 0x1_0000_0000);
  return nonce;
}

/** The nonce of the counter 2^64 - 1, which REKEY alone uses (Noise §4.2, §5.1). */
const rekeyNonce = Uint8Array.of(0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255);

function aead(key: Uint8Array): Aead {
  return {
    seal(counter, ad, plaintext, out) {
      const sealed = gcm(key, nonceOf(counter), ad).encrypt(plaintext);
      if (out === undefined) return sealed;
      out.set(sealed);
      return out.subarray(0, sealed.length);
    },
    open(counter, ad, sealed) {
      if (sealed.length < 16) return undefined;
      try {
        return gcm(key, nonceOf(counter), ad).decrypt(sealed);
      } catch {
        return undefined;
      }
    },
    rekeyed: () => aead(gcm(key, rekeyNonce).encrypt(zeros).subarray(0, 32)),
  };
}

const hmacSha256 = (key: Uint8Array, data: Uint8Array) => hmac(sha256, key, data);

// PKCS #8 as in RFC 8410 §7: all that comes before the 32 private bytes. It is the one format
// that WebCrypto imports without being told the public half too.
const pkcs8Head = {
  X25519: fromHex('302e020100300506032b656e04220420'),
  Ed25519: fromHex('302e020100300506032b657004220420'),
};

function pkcs8(curve: keyof typeof pkcs8Head, privateKey: Uint8Array): Uint8Array<ArrayBuffer> {
  if (privateKey.length !== 32) throw new RangeError(`a private ${curve} key has 32 bytes`);
  return source(concatBytes(pkcs8Head[curve], privateKey));
}

/** The u-coordinate 9 (RFC 7748 §4.1): its shared secret with a key is that key's public half. */
const basePoint = Uint8Array.of(9, ...new Uint8Array(31));

/** WebCrypto gives at most 65,536 bytes a call. */
function randomBytes(count: number): Uint8Array {
  const out = new Uint8Array(count);
  for (let at = 0; at < count; at += 0x1_0000) {
    globalThis.crypto.getRandomValues(out.subarray(at, at + 0x1_0000));
  }
  return out;
}

/**
 * The suite of a page: hash and AEAD from @noble, synchronous; X25519 and Ed25519 from WebCrypto,
 * asynchronous, with private keys that cannot be extracted.
 */
export const suite: CryptoSuite = {
  randomBytes,
  sha256: (data) => sha256(data),
  hmacSha256,
  hkdf(chainingKey, input, outputs) {
    const temporary = hmacSha256(chainingKey, input);
    const out = [hmacSha256(temporary, Uint8Array.of(1))];
    for (let i = 2; i <= outputs; i++) {
      out.push(hmacSha256(temporary, concatBytes(out.at(-1) as Uint8Array, Uint8Array.of(i))));
    }
    return out;
  },
  aead(key) {
    if (key.length !== 32) throw new RangeError('an AES-256 key has 32 bytes');
    return aead(key);
  },
  async generateDhKey() {
    return webDhKey(await generateWebKeyPair());
  },
  async importDhKey(privateKey) {
    const bytes = pkcs8('X25519', privateKey);
    const key = await subtle.importKey('pkcs8', bytes, 'X25519', false, ['deriveBits']);
    return {
      publicKey: await webSharedSecret(key, basePoint),
      diffieHellman: (remote) => webSharedSecret(key, remote),
    };
  },
  async importSigningKey(seed) {
    const bytes = pkcs8('Ed25519', seed);
    // Only an extractable key tells its public half; the one that is kept is not.
    const extractable = await subtle.importKey('pkcs8', bytes, 'Ed25519', true, ['sign']);
    const { x } = await subtle.exportKey('jwk', extractable);
    const key = await subtle.importKey('pkcs8', bytes, 'Ed25519', false, ['sign']);
    return {
      publicKey: fromBase64Url(x as string),
      sign: async (message) => new Uint8Array(await subtle.sign('Ed25519', key, source(message))),
    };
  },
  importRsaKey: importWebRsaKey,
  async verifySignature(publicKey, message, signature) {
    if (publicKey.length !== 32 || signature.length !== 64) return false;
    try {
      const key = await subtle.importKey('raw', source(publicKey), 'Ed25519', false, ['verify']);
      return await subtle.verify('Ed25519', key, source(signature), source(message));
    } catch {
      return false;
    }
  },
};
