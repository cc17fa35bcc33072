import { DongleError } from '../errors.ts';
import type { Capability } from '../protocol/certificates/index.ts';
import * as commands from '../protocol/commands/index.ts';
import type { CallOptions } from './call-options.ts';
import { generateDeadlineMs, type KeyReference } from './keys.ts';
import { type KeyKeeper, RsaDriver } from './rsa-driver.ts';
import type { Session } from './session.ts';

/** Deadline of signing, decrypting and reading, in milliseconds. */
const rsaDeadlineMs = 10_000;

/** Hashes that RSA signs with. */
export type RsaHash = 'sha256' | 'sha384' | 'sha512';

/** The public half of an RSA key; both numbers are big-endian, without leading zeros. */
export interface RsaPublicKey {
  /** 256, 384 or 512 bytes. */
  readonly modulus: Uint8Array;
  readonly exponent: Uint8Array;
}

/** Where to compute. */
export interface RsaPlace {
  /** Refuses models whose driver does RSA: there the private key comes out of the dongle. */
  readonly require?: 'on-chip';
}

/** What to sign, and how. */
export interface RsaSigning extends RsaPlace {
  /** Number of the key on the chip. */
  readonly key: number;
  /** RSASSA-PKCS1-v1_5, or RSASSA-PSS with MGF1 of the same hash. */
  readonly scheme: 'pkcs1' | 'pss';
  readonly hash: RsaHash;
  /** The message itself, at most what one message of the link holds; or `digest`. */
  readonly message?: Uint8Array;
  /** The hash of a message of any length. A page cannot sign it in the driver. */
  readonly digest?: Uint8Array;
  /** Bytes of the PSS salt, up to those of the hash, as many as it has unless given. */
  readonly saltBytes?: number;
}

/** Hashes of OAEP. */
export type OaepHash = RsaHash | 'sha1' | 'sha224';

/** What to decrypt: RSAES-OAEP. */
export interface RsaDecryption extends RsaPlace {
  readonly key: number;
  /** Of the label. */
  readonly hash: OaepHash;
  /** Of the mask (MGF1); the same unless given. In the driver, a page knows no other. */
  readonly maskHash?: OaepHash;
  /** Up to 1,024 bytes; none unless given. */
  readonly label?: Uint8Array;
  /** As long as the modulus. */
  readonly ciphertext: Uint8Array;
}

/** RSA (RFC 8017) with keys of the dongle. */
export interface Rsa {
  /**
   * Where it is computed, by the dongle's certificate; undefined where the model has no RSA. In the
   * driver, a private key is in the memory of this program from its first use to the session's end.
   */
  readonly level: 'on-chip' | 'driver' | undefined;
  /**
   * Generates a key whose private half never leaves the chip. It lives as long as the session.
   *
   * @throws DongleError `NO_SPACE` where the chip holds no more keys, `BUSY`, `ON_CHIP_UNAVAILABLE`
   * @example
   * const { key } = await dongle.rsa.generate({ bits: 3072 });
   */
  generate(
    request: { readonly bits: 2048 | 3072 | 4096 },
    options?: CallOptions,
  ): Promise<KeyReference>;
  /**
   * Reads the public half of a key.
   *
   * @throws DongleError `KEY_NOT_FOUND`
   * @example
   * const { modulus, exponent } = await dongle.rsa.publicKey({ key });
   */
  publicKey(request: KeyReference, options?: CallOptions): Promise<RsaPublicKey>;
  /**
   * Hashes and signs a message; the signature is as long as the modulus.
   *
   * @throws DongleError `KEY_NOT_FOUND`, `LOGIN_REQUIRED` for a private key, `BUSY`,
   * `ON_CHIP_UNAVAILABLE` where that is required, `UNSUPPORTED` for what the driver cannot do
   * @example
   * const signature = await dongle.rsa.sign({ key, scheme: 'pss', hash: 'sha256', message });
   */
  sign(request: RsaSigning, options?: CallOptions): Promise<Uint8Array>;
  /**
   * Decrypts RSAES-OAEP. There is no decryption of PKCS #1 v1.5, which cannot be made safe.
   *
   * @throws DongleError as `sign`, and `DECRYPT_FAILED`, which never says why
   * @example
   * const data = await dongle.rsa.decrypt({ key, hash: 'sha256', ciphertext });
   */
  decrypt(request: RsaDecryption, options?: CallOptions): Promise<Uint8Array>;
}

/** What RSA needs to know of the dongle. */
interface RsaParts extends KeyKeeper {
  readonly capabilities: readonly Capability[];
}

/** RSA over a session: on the chip, or in the driver where the certificate says so. */
export function rsaOf(session: Session, { capabilities, ...keeper }: RsaParts): Rsa {
  const level = levelOf(capabilities);
  const chip = rsaOnChip(session);
  const place = level === 'driver' ? new RsaDriver(session, chip, keeper) : chip;
  const placeFor = ({ require }: RsaPlace) => {
    if (require === 'on-chip' && level !== 'on-chip') throw new DongleError('ON_CHIP_UNAVAILABLE');
    return place;
  };
  return {
    level,
    generate: ({ bits }, options) =>
      session.call(commands.generateKey, { type: `rsa${bits}` }, generateDeadlineMs, options),
    publicKey: (reference, options) => chip.publicKey(reference, options),
    sign: async (request, options) => placeFor(request).sign(request, options),
    decrypt: async (request, options) => placeFor(request).decrypt(request, options),
  };
}

function levelOf(capabilities: readonly Capability[]): Rsa['level'] {
  if (capabilities.includes('rsa')) return 'on-chip';
  return capabilities.includes('rsaDriver') ? 'driver' : undefined;
}

/** What the chip does; of models whose driver does RSA, it reads public keys alone. */
function rsaOnChip(session: Session): Pick<Rsa, 'publicKey' | 'sign' | 'decrypt'> {
  return {
    publicKey: (reference, options) =>
      session.call(commands.rsaPublicKey, reference, rsaDeadlineMs, options),
    async sign({ require: _, ...request }, options) {
      return (await session.call(commands.rsaSign, request, rsaDeadlineMs, options)).signature;
    },
    async decrypt({ require: _, ...request }, options) {
      return (await session.call(commands.rsaDecrypt, request, rsaDeadlineMs, options)).data;
    },
  };
}
