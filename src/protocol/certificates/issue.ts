import type { SigningKey } from '../../crypto/suite.ts';
import { signSign1 } from '../cose.ts';
import { encode } from '../schema/encode.ts';
import {
  type Capability,
  capabilitiesToBits,
  type DeviceCertificate,
  deviceCertificateSchema,
  type IssuerCertificate,
  issuerCertificateSchema,
} from './certificate.ts';
import { type RevocationList, revocationListSchema } from './revocation.ts';

/** What a device certificate says, its capabilities by name. */
export interface DeviceFields extends Omit<DeviceCertificate, 'version' | 'capabilities'> {
  readonly capabilities: readonly Capability[];
}

/** Certifies an issuer under a root. Rejects with a `RangeError` for a field out of range. */
export async function issueIssuerCertificate(
  rootKey: SigningKey,
  fields: Omit<IssuerCertificate, 'version'>,
): Promise<Uint8Array> {
  const payload = encode(issuerCertificateSchema, { version: 1, ...fields });
  return signSign1(payload, rootKey, 'issuerCertificate');
}

/** Certifies a dongle under an issuer. Rejects with a `RangeError` for a field out of range. */
export async function issueDeviceCertificate(
  issuerKey: SigningKey,
  fields: DeviceFields,
): Promise<Uint8Array> {
  const payload = encode(deviceCertificateSchema, {
    version: 1,
    ...fields,
    capabilities: capabilitiesToBits(fields.capabilities),
  });
  return signSign1(payload, issuerKey, 'deviceCertificate');
}

/** Signs a revocation list with a root. Rejects with a `RangeError` for a field out of range. */
export async function issueRevocationList(
  rootKey: SigningKey,
  fields: Omit<RevocationList, 'version'>,
): Promise<Uint8Array> {
  const payload = encode(revocationListSchema, { version: 1, ...fields });
  return signSign1(payload, rootKey, 'revocationList');
}
