import { equalBytes } from '../../bytes.ts';
import type { Outcome } from '../../errors.ts';
import { type IssuerCertificate, issuerCertificateSchema } from '../certificates/certificate.ts';
import { keyIdOf, openSign1, verifySign1 } from '../cose.ts';
import { decode } from '../schema/index.ts';

/** Why a signer is not believed. */
export type AuthorityError = 'UPDATE_INVALID' | 'UPDATE_UNTRUSTED';

/**
 * Checks that a root lets an issuer's key do something, for this vendor where one is given.
 *
 * @param root - its Ed25519 key, 32 bytes
 * @param issuer - the encoded COSE_Sign1 of the issuer's certificate
 */
export async function verifyIssuer(
  root: Uint8Array,
  issuer: Uint8Array,
  purpose: IssuerCertificate['purpose'],
  vendor?: number,
): Promise<Outcome<IssuerCertificate, AuthorityError>> {
  const sign1 = openSign1(issuer);
  if (!sign1.ok) return { ok: false, code: 'UPDATE_INVALID', detail: `issuer: ${sign1.detail}` };
  const certificate = decode(issuerCertificateSchema, sign1.value.payload);
  if (!certificate.ok) {
    return { ok: false, code: 'UPDATE_INVALID', detail: `issuer: ${certificate.detail}` };
  }
  const { name, vendors, purpose: actual } = certificate.value;
  const reason =
    (!equalBytes(sign1.value.keyId, keyIdOf(root)) && `${name} is under another root`) ||
    (actual !== purpose && `the key of ${name} is for ${actual}, not for ${purpose}`) ||
    (vendor !== undefined &&
      !vendors.includes(vendor) &&
      `${name} may not speak for vendor ${vendor}`) ||
    (!(await verifySign1(sign1.value, root, 'issuerCertificate')) &&
      `${name} is not signed by its root`);
  if (reason) return { ok: false, code: 'UPDATE_UNTRUSTED', detail: reason };
  return { ok: true, value: certificate.value };
}
