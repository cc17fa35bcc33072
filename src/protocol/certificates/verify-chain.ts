import { suite } from '#crypto';
import { equalBytes } from '../../bytes.ts';
import type { MaybePromise } from '../../crypto/suite.ts';
import type { ErrorCode, Outcome } from '../../errors.ts';
import { keyIdOf } from '../cose.ts';
import {
  type Capability,
  capabilitiesFromBits,
  type DeviceCertificate,
  type IssuerCertificate,
} from './certificate.ts';
import { chainIdOf, type OpenedChain, openChain, type SignedCertificate } from './chain.ts';
import { dongleName, type RootEntry, type TrustStore } from './trust-store.ts';

/** What the dongle itself showed; its certificate must agree. */
export interface DongleClaims {
  /** The X25519 key that the handshake really used, 32 bytes. */
  readonly staticKey: Uint8Array;
  /** Serial, model and chain id (32 bytes) as HELLO said. */
  readonly serial: string;
  readonly model: string;
  readonly chainId: Uint8Array;
}

/** Who a dongle is, proved by its certificate. */
export interface DongleIdentity {
  readonly vendor: number;
  readonly serial: string;
  readonly model: string;
  readonly capabilities: readonly Capability[];
  /** The oldest protocol version that may be used with it. */
  readonly minimumProtocol: number;
  readonly test: boolean;
  /** The trusted root that vouches for it. */
  readonly rootName: string;
}

export type TrustErrorCode = Extract<ErrorCode, `CERTIFICATE_${string}`>;

interface Refusal {
  readonly ok: false;
  readonly code: TrustErrorCode;
  readonly detail: string;
}

/**
 * Checks that a chain leads from a trusted root to the very dongle that shows it. What costs little
 * comes first: two signatures are verified for a good chain, none or one for most bad ones.
 */
export async function verifyChain(
  trust: TrustStore,
  chain: Uint8Array,
  claims: DongleClaims,
): Promise<Outcome<DongleIdentity, TrustErrorCode>> {
  const chainId = chainIdOf(chain);
  const opened = openChain(chain, chainId);
  if (!opened.ok) {
    return refuse(
      'CERTIFICATE_MALFORMED',
      `The certificate chain of dongle ${claims.serial} cannot be read (${opened.detail}); the dongle is damaged or not genuine.`,
    );
  }
  const { issuer, device } = opened.value;
  const mismatch = findMismatch(device.certificate, chainId, claims);
  if (mismatch !== undefined) return mismatch;

  const entry = findRoot(trust, opened.value);
  if ('code' in entry) return entry;
  const unentitled = findUnentitled(entry, opened.value);
  if (unentitled !== undefined) return unentitled;

  const { root } = entry;
  if (!(await isSignedBy(issuer, root.publicKey))) {
    return untrusted(device.certificate, `its issuer’s certificate is not signed by ${root.name}`);
  }
  if (!(await isSignedBy(device, issuer.certificate.publicKey))) {
    return untrusted(
      device.certificate,
      `it is not signed by its issuer ${issuer.certificate.name}`,
    );
  }
  // From here on the chain is genuine, so revocation and pins speak of a real dongle.
  return (
    findRevoked(entry, opened.value) ??
    findUnpinned(trust, device.certificate) ?? {
      ok: true,
      value: identityOf(device.certificate, entry),
    }
  );
}

function isSignedBy(
  { signed, sign1 }: SignedCertificate<unknown>,
  publicKey: Uint8Array,
): MaybePromise<boolean> {
  return suite.verifySignature(publicKey, signed, sign1.signature);
}

function refuse(code: TrustErrorCode, detail: string): Refusal {
  return { ok: false, code, detail };
}

function untrusted({ serial }: DeviceCertificate, reason: string): Refusal {
  return refuse(
    'CERTIFICATE_UNTRUSTED',
    `The certificate of dongle ${serial} is not trusted: ${reason}; do not use this dongle.`,
  );
}

function findMismatch(
  certificate: DeviceCertificate,
  chainId: Uint8Array,
  claims: DongleClaims,
): Refusal | undefined {
  const differing =
    (!equalBytes(certificate.key, claims.staticKey) && 'the key it uses is another one') ||
    (certificate.serial !== claims.serial && `it calls itself ${claims.serial}`) ||
    (certificate.model !== claims.model && `it calls itself a ${claims.model}`) ||
    (!equalBytes(chainId, claims.chainId) && 'it announced another certificate');
  if (!differing) return undefined;
  return refuse(
    'CERTIFICATE_MISMATCH',
    `The dongle shows the certificate of ${certificate.model} ${certificate.serial}, but ${differing}; do not use this dongle.`,
  );
}

function findRoot(trust: TrustStore, { issuer, device }: OpenedChain): RootEntry | Refusal {
  const { serial } = device.certificate;
  const entry = trust.roots.get(issuer.signerId);
  if (!trust.allowTest && (issuer.certificate.test || entry?.root.test)) {
    return refuse(
      'CERTIFICATE_TEST',
      `Dongle ${serial} has a TEST certificate, which a production trust store refuses; use a real dongle, or a trust store that allows TEST roots.`,
    );
  }
  if (entry !== undefined) return entry;
  return refuse(
    'CERTIFICATE_UNTRUSTED',
    `The certificate of dongle ${serial} leads to no trusted root (its issuer calls itself ${issuer.certificate.name}); add its vendor’s root if you trust it.`,
  );
}

/** Whether root, issuer and device may stand above each other. */
function findUnentitled({ root }: RootEntry, { issuer, device }: OpenedChain): Refusal | undefined {
  const { purpose, test, vendors, publicKey, name }: IssuerCertificate = issuer.certificate;
  const { vendor } = device.certificate;
  const forbidden = vendors.filter((id) => root.vendors !== 'any' && !root.vendors.includes(id));
  const reason =
    (purpose !== 'issue' && `the key of ${name} is for ${purpose}, not for issuing`) ||
    (test !== root.test &&
      `${name} is a ${kind(test)} issuer under the ${kind(root.test)} root ${root.name}`) ||
    (forbidden.length > 0 && `${root.name} may not certify vendor ${forbidden.join(', ')}`) ||
    (!vendors.includes(vendor) && `${name} may not issue for vendor ${vendor}`) ||
    (!equalBytes(keyIdOf(publicKey), device.sign1.keyId) &&
      `it is not signed by its issuer ${name}`);
  return reason ? untrusted(device.certificate, reason) : undefined;
}

function kind(test: boolean): string {
  return test ? 'TEST' : 'production';
}

function findRevoked(entry: RootEntry, { device }: OpenedChain): Refusal | undefined {
  const { vendor, serial } = device.certificate;
  const issuerRevoked = entry.revokedIssuers.has(device.signerId);
  if (!issuerRevoked && !entry.revokedDongles.has(dongleName(vendor, serial))) return undefined;
  const what = issuerRevoked ? `The issuer of dongle ${serial}` : `Dongle ${serial}`;
  return refuse(
    'CERTIFICATE_REVOKED',
    `${what} has been revoked by ${entry.root.name}; ask the vendor for a replacement.`,
  );
}

function findUnpinned({ pin }: TrustStore, { vendor, serial }: DeviceCertificate) {
  if (pin.vendor !== undefined && pin.vendor !== vendor) {
    return refuse(
      'CERTIFICATE_UNPINNED',
      `Dongle ${serial} is genuine but of vendor ${vendor}, and this software takes only those of vendor ${pin.vendor}; plug in one of them.`,
    );
  }
  if (pin.serial !== undefined && pin.serial !== serial) {
    return refuse(
      'CERTIFICATE_UNPINNED',
      `Dongle ${serial} is genuine, but this software takes only ${pin.serial}; plug that one in.`,
    );
  }
  return undefined;
}

function identityOf(certificate: DeviceCertificate, { root }: RootEntry): DongleIdentity {
  const { vendor, serial, model, capabilities, minimumProtocol } = certificate;
  return {
    vendor,
    serial,
    model,
    capabilities: capabilitiesFromBits(capabilities),
    minimumProtocol,
    test: root.test,
    rootName: root.name,
  };
}
