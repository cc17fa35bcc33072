import { createCipheriv } from 'node:crypto';
import { suite } from '#crypto';
import { concatBytes } from '../bytes.ts';
import { DongleError } from '../errors.ts';
import { licenseKeyOf } from '../protocol/licenses/index.ts';

/** What only a dongle with the license decrypts. */
export interface ProtectedData {
  /** 12 bytes. */
  readonly iv: Uint8Array;
  /** AES-256-GCM: the ciphertext and its tag of 16 bytes. */
  readonly data: Uint8Array;
}

/**
 * Encrypts for a license: `dongle.licenses.decrypt` opens it where the license is valid.
 *
 * @param secret - of the license, as its plan has it
 */
export function protectData(
  license: { readonly vendor: number; readonly product: number; readonly secret?: Uint8Array },
  data: Uint8Array,
): ProtectedData {
  if (license.secret === undefined) {
    throw new DongleError(
      'INVALID_ARGUMENT',
      `License ${license.product} has no secret, from which its encryption is derived; put it with "secret": "random:32".`,
    );
  }
  const key = licenseKeyOf(license.vendor, license.product, license.secret);
  const iv = suite.randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, iv);
  const sealed = concatBytes(cipher.update(data), cipher.final(), cipher.getAuthTag());
  return { iv, data: sealed };
}
