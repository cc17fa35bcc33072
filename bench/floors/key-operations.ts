import {
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  type JsonWebKey,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';

interface Pair {
  readonly publicKey: JsonWebKey;
  readonly privateKey: KeyObject;
}

// Node writes the public half as JWK, which is the cheapest form; @types/node does not know it.
const generatePair = generateKeyPairSync as unknown as (
  type: 'x25519' | 'ed25519',
  options: { publicKeyEncoding: { format: 'jwk' } },
) => Pair;
const jwkPublic = { publicKeyEncoding: { format: 'jwk' } } as const;

const importPublic = (key: JsonWebKey) => createPublicKey({ key, format: 'jwk' });

/** The X25519 work of one XX handshake by both sides; the static keys are there before. */
function agree(hostStatic: Pair, deviceStatic: Pair): number {
  const host = generatePair('x25519', jwkPublic);
  const device = generatePair('x25519', jwkPublic);
  // The device reads e and writes e, ee, s, es.
  const hostEphemeral = importPublic(host.publicKey);
  diffieHellman({ privateKey: device.privateKey, publicKey: hostEphemeral });
  diffieHellman({ privateKey: deviceStatic.privateKey, publicKey: hostEphemeral });
  // The host reads them and writes s, se.
  const deviceEphemeral = importPublic(device.publicKey);
  const deviceKey = importPublic(deviceStatic.publicKey);
  diffieHellman({ privateKey: host.privateKey, publicKey: deviceEphemeral });
  diffieHellman({ privateKey: host.privateKey, publicKey: deviceKey });
  diffieHellman({ privateKey: hostStatic.privateKey, publicKey: deviceEphemeral });
  // The device reads them.
  const publicKey = importPublic(hostStatic.publicKey);
  return diffieHellman({ privateKey: device.privateKey, publicKey }).length;
}

/**
 * The bare X25519 work of `count` XX handshakes, both sides, with node:crypto used in its cheapest
 * way: 2 key generations, 4 imports of public keys, 6 shared secrets.
 */
export function floorHandshakes(): (count: number) => number {
  const host = generatePair('x25519', jwkPublic);
  const device = generatePair('x25519', jwkPublic);
  return (count) => {
    let bytes = 0;
    for (let i = 0; i < count; i++) bytes += agree(host, device);
    return bytes;
  };
}

/**
 * The bare key operations of `count` connects: those of the handshake, and the two Ed25519
 * verifications of a certificate chain. The root's key is imported before, as a host knows it; the
 * issuer's comes with the chain and is imported each time.
 */
export function floorConnects(): (count: number) => number {
  const host = generatePair('x25519', jwkPublic);
  const device = generatePair('x25519', jwkPublic);
  const root = generatePair('ed25519', jwkPublic);
  const issuer = generatePair('ed25519', jwkPublic);
  const rootKey = importPublic(root.publicKey);
  const certificate = new Uint8Array(200).fill(0x5a);
  const issuerSignature = sign(null, certificate, root.privateKey);
  const deviceSignature = sign(null, certificate, issuer.privateKey);
  return (count) => {
    let bytes = 0;
    for (let i = 0; i < count; i++) {
      bytes += agree(host, device);
      const genuine =
        verify(null, certificate, rootKey, issuerSignature) &&
        verify(null, certificate, importPublic(issuer.publicKey), deviceSignature);
      if (!genuine) throw new Error('a signature does not verify');
    }
    return bytes;
  };
}
