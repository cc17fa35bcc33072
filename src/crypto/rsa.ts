import { base64Url } from '../bytes.ts';

// RSA (RFC 8017): what a suite is asked, and what it computes with.

/** Hashes of signatures (FIPS 180-4). */
export type SigningHash = 'sha256' | 'sha384' | 'sha512';

/** Hashes of OAEP. SHA-1 and SHA-224 are safe there, and in wide use. */
export type OaepHash = SigningHash | 'sha1' | 'sha224';

export const hashBytes = { sha1: 20, sha224: 28, sha256: 32, sha384: 48, sha512: 64 } as const;

/** How a hash becomes the number that RSA signs (§8). */
export type RsaScheme = 'pkcs1' | 'pss';

/** What to sign: a message, or the hash of one. */
export type SigningInput = { readonly message: Uint8Array } | { readonly digest: Uint8Array };

/** Either the message or its hash; undefined for both, none, or a hash of another length. */
export function signingInput(
  hash: SigningHash,
  message: Uint8Array | undefined,
  digest: Uint8Array | undefined,
): SigningInput | undefined {
  if (message !== undefined) return digest === undefined ? { message } : undefined;
  return digest?.length === hashBytes[hash] ? { digest } : undefined;
}

export interface RsaSigning {
  readonly scheme: RsaScheme;
  readonly hash: SigningHash;
  readonly input: SigningInput;
  /** PSS alone. */
  readonly saltBytes: number;
}

/** What to decrypt: RSAES-OAEP (§7.1). */
export interface RsaDecryption {
  /** Of the label. */
  readonly hash: OaepHash;
  readonly maskHash: OaepHash;
  readonly label: Uint8Array;
  readonly ciphertext: Uint8Array;
}

/** All numbers of a private key, as JSON Web Keys name them (RFC 7518 §6.3), big-endian. */
export interface RsaNumbers {
  readonly n: Uint8Array;
  readonly e: Uint8Array;
  readonly d: Uint8Array;
  readonly p: Uint8Array;
  readonly q: Uint8Array;
  readonly dp: Uint8Array;
  readonly dq: Uint8Array;
  readonly qi: Uint8Array;
}

/** The same as a JSON Web Key. */
export function rsaJwk(numbers: RsaNumbers): { readonly kty: 'RSA' } & Record<string, string> {
  const texts = Object.entries(numbers).map(([name, bytes]) => [name, base64Url(bytes)]);
  return { kty: 'RSA', ...Object.fromEntries(texts) };
}

/** A private RSA key. What the platform does not do fails as WebCrypto has it: `NotSupportedError`. */
export interface RsaPrivateKey {
  /** As long as the modulus. */
  sign(signing: RsaSigning): Promise<Uint8Array>;
  /** Undefined where it does not decrypt, for whatever reason. */
  decrypt(decryption: RsaDecryption): Promise<Uint8Array | undefined>;
}
