import { bytes, enumeration, field, type Infer, optional, struct, uint } from './schema/index.ts';

/** The number of a key on the chip. */
export const keyNumberSchema = uint({ max: 0xffff });

/** What a key is for, and how long it is. */
export const keyTypes = {
  aes128: 1,
  aes192: 2,
  aes256: 3,
  /** 1 to 128 bytes, for HMAC and HKDF. */
  secret: 4,
  rsa2048: 16,
  rsa3072: 17,
  rsa4096: 18,
  p256: 24,
  ed25519: 25,
  x25519: 26,
} as const;

export const keyTypeSchema = enumeration(keyTypes);

export type KeyType = keyof typeof keyTypes;

/**
 * Whose a key is, by its number:
 *   fixed    made at manufacture; everybody uses it, nobody reads or changes it
 *   private  of a partition, kept in flash; used after a login to it, set by its administrator
 *   session  in memory; of the session that made it, and gone with it
 */
export const keyClasses = {
  fixed: { from: 0x0001, to: 0x00ff, use: 'nothing' },
  private: { from: 0x0100, to: 0x0fff, use: 'user' },
  session: { from: 0x8000, to: 0xffff, use: 'nothing' },
} as const;

/** The AES-256 key that every dongle gets at manufacture. */
export const fixedAesKey = 1;

/**
 * A key as it comes from outside. Numbers are big-endian, without leading zeros.
 */
export const keyMaterialSchema = struct({
  type: field(1, keyTypeSchema),
  /** AES and secret keys: the key. P-256: the private number, 32 bytes. Ed25519: the seed, X25519: the
   * private key, 32 bytes each. */
  key: optional(2, bytes({ min: 1, max: 128 })),
  /** RSA: the two primes, the larger first, and the public exponent. */
  p: optional(3, bytes({ min: 128, max: 256 })),
  q: optional(4, bytes({ min: 128, max: 256 })),
  exponent: optional(5, bytes({ min: 1, max: 8 })),
});

export type KeyMaterial = Infer<typeof keyMaterialSchema>;

/** Bytes of the types that have one length. */
export const keyBytes = {
  aes128: 16,
  aes192: 24,
  aes256: 32,
  p256: 32,
  ed25519: 32,
  x25519: 32,
} as const;

export const aesTypes: readonly KeyType[] = ['aes128', 'aes192', 'aes256'];

/** Bits of the RSA types. */
export const rsaBits = { rsa2048: 2048, rsa3072: 3072, rsa4096: 4096 } as const;

export type RsaType = keyof typeof rsaBits;

export const rsaTypes = Object.keys(rsaBits) as RsaType[];

export function isRsaType(type: KeyType): type is RsaType {
  return type in rsaBits;
}

const number = bytes({ min: 1, max: 512 });

/** All numbers of a private RSA key, as JSON Web Keys name them (RFC 7518 §6.3), big-endian. */
export const rsaNumbersSchema = struct({
  n: field(1, number),
  e: field(2, number),
  d: field(3, number),
  p: field(4, number),
  q: field(5, number),
  dp: field(6, number),
  dq: field(7, number),
  qi: field(8, number),
});
