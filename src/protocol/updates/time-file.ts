import { equalBytes } from '../../bytes.ts';
import type { SigningKey } from '../../crypto/suite.ts';
import type { Outcome } from '../../errors.ts';
import { openSign1, signSign1, verifySign1 } from '../cose.ts';
import { decode, encode, type Infer } from '../schema/index.ts';
import { verifyIssuer } from './authority.ts';
import { certifiedTimeSchema, fileKinds, timeFileSchema } from './files.ts';

/** The time of day, for one nonce of one dongle. */
export type CertifiedTime = Omit<Infer<typeof certifiedTimeSchema>, 'version'>;

/** Why a time file is not taken. */
export type TimeFileError = 'UPDATE_INVALID' | 'UPDATE_UNTRUSTED' | 'UPDATE_OTHER_DONGLE';

/**
 * Certifies a time: the bytes of a time file. Rejects with a `RangeError` for a field out of range.
 *
 * @param issuer - the certificate of the time key, an encoded COSE_Sign1 of the root
 */
export async function signTime(
  issuer: Uint8Array,
  key: SigningKey,
  { dongle, nonce, time }: CertifiedTime,
): Promise<Uint8Array> {
  const payload = encode(certifiedTimeSchema, { version: 1, dongle, nonce, time });
  const signed = await signSign1(payload, key, 'time');
  return encode(timeFileSchema, { kind: fileKinds.time, issuer, signed });
}

/** Whom a time file has to convince. */
export interface TimeReader {
  /** Ed25519, 32 bytes: whoever it certified may tell the time. */
  readonly root: Uint8Array;
  readonly vendor: number;
  /** SHA-256 of the static X25519 key. */
  readonly dongle: Uint8Array;
}

/** Opens a time file: only what the vendor's time key has signed for this dongle is given back. */
export async function openTime(
  file: Uint8Array,
  { root, vendor, dongle }: TimeReader,
): Promise<Outcome<CertifiedTime, TimeFileError>> {
  const opened = decode(timeFileSchema, file);
  if (!opened.ok) return { ok: false, code: 'UPDATE_INVALID', detail: opened.detail };
  const sign1 = openSign1(opened.value.signed);
  if (!sign1.ok) return { ok: false, code: 'UPDATE_INVALID', detail: sign1.detail };
  const issuer = await verifyIssuer(root, opened.value.issuer, 'time', vendor);
  if (!issuer.ok) return issuer;
  if (!(await verifySign1(sign1.value, issuer.value.publicKey, 'time'))) {
    const detail = `it is not signed by ${issuer.value.name}`;
    return { ok: false, code: 'UPDATE_UNTRUSTED', detail };
  }
  const certified = decode(certifiedTimeSchema, sign1.value.payload);
  if (!certified.ok) return { ok: false, code: 'UPDATE_INVALID', detail: certified.detail };
  if (!equalBytes(certified.value.dongle, dongle)) {
    return { ok: false, code: 'UPDATE_OTHER_DONGLE', detail: 'it is for another dongle' };
  }
  return { ok: true, value: certified.value };
}
