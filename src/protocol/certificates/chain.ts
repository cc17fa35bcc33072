import { suite } from '#crypto';
import { toHex } from '../../bytes.ts';
import { openSign1, type Sign1, type SignaturePurpose, signedBytes } from '../cose.ts';
import { type Decoded, decode } from '../schema/decode.ts';
import { encode } from '../schema/encode.ts';
import { bytes, type Schema, tuple } from '../schema/schema.ts';
import {
  type DeviceCertificate,
  deviceCertificateSchema,
  type IssuerCertificate,
  issuerCertificateSchema,
} from './certificate.ts';

/** Most bytes that an encoded chain may have. */
export const maxChainBytes = 1500;

/** A certificate chain: the COSE_Sign1 of the issuer, then that of the device. */
export const chainSchema = tuple([bytes({ max: maxChainBytes }), bytes({ max: maxChainBytes })]);

/** Joins an issuer's and a device's certificate; throws a `RangeError` if they are too long. */
export function encodeChain(issuer: Uint8Array, device: Uint8Array): Uint8Array {
  const chain = encode(chainSchema, [issuer, device]);
  if (chain.length > maxChainBytes) {
    throw new RangeError(`the chain has ${chain.length} bytes, more than ${maxChainBytes}`);
  }
  return chain;
}

/** The id of an encoded chain: its SHA-256, 32 bytes. */
export function chainIdOf(chain: Uint8Array): Uint8Array {
  return suite.sha256(chain);
}

/** A certificate with the signature over it, not yet verified. */
export interface SignedCertificate<Certificate> {
  readonly certificate: Certificate;
  readonly sign1: Sign1;
  /** The hexadecimal id of the key that claims to have signed. */
  readonly signerId: string;
  /** What the signature is over. */
  readonly signed: Uint8Array;
}

/** The certificates of a chain, read but not yet verified. */
export interface OpenedChain {
  readonly issuer: SignedCertificate<IssuerCertificate>;
  readonly device: SignedCertificate<DeviceCertificate>;
}

/**
 * Chains that were read lately, by their ids. A host meets the same dongles again and again, and
 * reading a chain takes as long as half a Diffie-Hellman; its signatures are verified each time.
 */
const recentChains = new Map<string, OpenedChain>();
const recentChainLimit = 8;

/** Reads a chain without verifying a signature. `chainId` is its `chainIdOf`. */
export function openChain(chain: Uint8Array, chainId: Uint8Array): Decoded<OpenedChain> {
  const name = toHex(chainId);
  const known = recentChains.get(name);
  if (known !== undefined) return { ok: true, value: known };
  const opened = readChain(chain);
  if (opened.ok) {
    if (recentChains.size === recentChainLimit) {
      recentChains.delete(recentChains.keys().next().value as string);
    }
    recentChains.set(name, opened.value);
  }
  return opened;
}

function readChain(chain: Uint8Array): Decoded<OpenedChain> {
  if (chain.length > maxChainBytes) {
    return { ok: false, detail: `${chain.length} bytes, more than ${maxChainBytes}` };
  }
  const parts = decode(chainSchema, chain);
  if (!parts.ok) return parts;
  const [first, second] = parts.value;
  const issuer = openCertificate(issuerCertificateSchema, first, 'issuerCertificate');
  if (!issuer.ok) return { ok: false, detail: `issuer: ${issuer.detail}` };
  const device = openCertificate(deviceCertificateSchema, second, 'deviceCertificate');
  if (!device.ok) return { ok: false, detail: `device: ${device.detail}` };
  return { ok: true, value: { issuer: issuer.value, device: device.value } };
}

function openCertificate<Certificate>(
  schema: Schema<Certificate>,
  encoded: Uint8Array,
  purpose: SignaturePurpose,
): Decoded<SignedCertificate<Certificate>> {
  const opened = openSign1(encoded);
  if (!opened.ok) return opened;
  const sign1 = opened.value;
  const certificate = decode(schema, sign1.payload);
  if (!certificate.ok) return certificate;
  return {
    ok: true,
    value: {
      certificate: certificate.value,
      sign1,
      signerId: toHex(sign1.keyId),
      signed: signedBytes(sign1, purpose),
    },
  };
}
