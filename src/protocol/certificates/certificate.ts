import {
  array,
  bool,
  bytes,
  constant,
  enumeration,
  field,
  type Infer,
  struct,
  text,
  uint,
} from '../schema/schema.ts';

/** Vendors are numbered with 32 bits. */
export const vendorSchema = uint({ max: 0xffff_ffff });

/** Unique among the dongles of one vendor. */
export const serialSchema = text({ minBytes: 1, maxBytes: 32, printableAscii: true });

export const modelSchema = text({ minBytes: 1, maxBytes: 32, printableAscii: true });

/** What a root lets a vendor's key do: the payload of a COSE_Sign1 by the root. */
export const issuerCertificateSchema = struct({
  version: field(1, constant(1)),
  /** Issue device certificates, sign update files, or sign the time. */
  purpose: field(2, enumeration({ issue: 1, update: 2, time: 3 })),
  /** The vendors it may speak for. */
  vendors: field(3, array(vendorSchema, { min: 1, max: 16 })),
  test: field(4, bool()),
  /** Ed25519. */
  publicKey: field(5, bytes({ length: 32 })),
  /** For people; error messages show it. */
  name: field(6, text({ minBytes: 1, maxBytes: 64, printableAscii: true })),
});

export type IssuerCertificate = Infer<typeof issuerCertificateSchema>;

/** What makes a dongle genuine: the payload of a COSE_Sign1 by an issuer. */
export const deviceCertificateSchema = struct({
  version: field(1, constant(1)),
  vendor: field(2, vendorSchema),
  serial: field(3, serialSchema),
  model: field(4, modelSchema),
  /** X25519, the static key of its encrypted channel. */
  key: field(5, bytes({ length: 32 })),
  /** Bits of `capabilityBits`; a host ignores those that it does not know. */
  capabilities: field(6, uint({ max: 0xffff_ffff })),
  /** The oldest protocol version that a host may use with it. */
  minimumProtocol: field(7, uint({ max: 0xffff })),
  /** Ed25519: its contexts and receipts are signed with it. */
  signingKey: field(8, bytes({ length: 32 })),
});

export type DeviceCertificate = Infer<typeof deviceCertificateSchema>;

/**
 * What a dongle can do: the bits of a device certificate. `rsaDriver` says that it keeps RSA keys
 * which the driver computes with, in place of `rsa` on the chip.
 */
export const capabilityBits = {
  aes: 0,
  rsa: 1,
  rsaDriver: 2,
  ecc: 3,
  memory: 4,
  licenses: 5,
} as const;

export type Capability = keyof typeof capabilityBits;

const capabilityNames = Object.keys(capabilityBits) as Capability[];

export function capabilitiesToBits(capabilities: readonly Capability[]): number {
  return capabilities.reduce((bits, name) => (bits | (1 << capabilityBits[name])) >>> 0, 0);
}

export function capabilitiesFromBits(bits: number): readonly Capability[] {
  return capabilityNames.filter((name) => ((bits >>> capabilityBits[name]) & 1) === 1);
}
