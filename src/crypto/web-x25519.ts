import type { DhKey } from './suite.ts';

// X25519 by WebCrypto: private keys that cannot be extracted. Node has it too.

/** Asked for where it is used: in Node, WebCrypto is loaded with that, which takes 2 ms. */
const subtle = () => globalThis.crypto.subtle;

/** A key of WebCrypto. */
export type WebKey = Awaited<ReturnType<typeof globalThis.crypto.subtle.importKey>>;

/** Both halves of a key; IndexedDB keeps them as they are. */
export interface WebKeyPair {
  readonly privateKey: WebKey;
  readonly publicKey: WebKey;
}

/** A fresh pair, whose private half stays in WebCrypto. */
export async function generateWebKeyPair(): Promise<WebKeyPair> {
  return (await subtle().generateKey('X25519', false, ['deriveBits'])) as WebKeyPair;
}

/** The handle of a pair. */
export async function webDhKey({ privateKey, publicKey }: WebKeyPair): Promise<DhKey> {
  return {
    publicKey: new Uint8Array(await subtle().exportKey('raw', publicKey)),
    diffieHellman: (remote) => webSharedSecret(privateKey, remote),
  };
}

/** The shared secret; WebCrypto rejects an all-zero one with an OperationError. */
export async function webSharedSecret(
  privateKey: WebKey,
  remotePublicKey: Uint8Array,
): Promise<Uint8Array> {
  const raw = remotePublicKey as Uint8Array<ArrayBuffer>;
  const remote = await subtle().importKey('raw', raw, 'X25519', false, []);
  return new Uint8Array(
    await subtle().deriveBits({ name: 'X25519', public: remote }, privateKey, 256),
  );
}
