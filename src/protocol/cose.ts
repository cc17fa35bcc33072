import { suite } from '#crypto';
import { utf8 } from '../bytes.ts';
import type { MaybePromise, SigningKey } from '../crypto/suite.ts';
import { type Decoded, decode } from './schema/decode.ts';
import { encode } from './schema/encode.ts';
import { bytes, enumeration, field, struct, text, tuple } from './schema/schema.ts';

/**
 * What a signature is for. The label is signed along (as `external_aad`, RFC 9052 §4.3), so a
 * signature made for one purpose never serves another.
 */
export const signaturePurposes = {
  issuerCertificate: 'latchkey issuer certificate',
  deviceCertificate: 'latchkey device certificate',
  revocationList: 'latchkey revocation list',
  context: 'latchkey context',
  update: 'latchkey update',
  receipt: 'latchkey receipt',
  time: 'latchkey time',
} as const;

export type SignaturePurpose = keyof typeof signaturePurposes;

/** Most bytes that a signed payload may have. */
const maxPayloadBytes = 4 * 1024 * 1024;

/** RFC 9052 §3.1: 1 is the algorithm (-8 is EdDSA, RFC 9053 §2.2), 4 the id of the key. */
export const protectedHeaderSchema = struct({
  algorithm: field(1, enumeration({ EdDSA: -8 })),
  keyId: field(4, bytes({ length: 32 })),
});

/**
 * COSE_Sign1 (RFC 9052 §4.2), always untagged: where one stands, nothing else may. It has an
 * Ed25519 signature, a protected header that names the key, and an empty unprotected header.
 */
export const sign1Schema = tuple([
  bytes({ max: 64 }),
  struct({}),
  bytes({ max: maxPayloadBytes }),
  bytes({ length: 64 }),
]);

/** Sig_structure (RFC 9052 §4.4): context, protected header, external_aad, payload. */
const signedSchema = tuple([
  text({ maxBytes: 10 }),
  bytes({ max: 64 }),
  bytes({ max: 64 }),
  bytes({ max: maxPayloadBytes }),
]);

/** The parts of a COSE_Sign1, not yet verified. */
export interface Sign1 {
  /** The protected header as it was signed. */
  readonly protectedHeader: Uint8Array;
  /** See `keyIdOf`: which key claims to have signed. */
  readonly keyId: Uint8Array;
  readonly payload: Uint8Array;
  /** 64 bytes. */
  readonly signature: Uint8Array;
}

/** The id of a public key: its SHA-256, 32 bytes. */
export function keyIdOf(publicKey: Uint8Array): Uint8Array {
  return suite.sha256(publicKey);
}

/** Signs a payload: an encoded COSE_Sign1. */
export async function signSign1(
  payload: Uint8Array,
  key: SigningKey,
  purpose: SignaturePurpose,
): Promise<Uint8Array> {
  const protectedHeader = encode(protectedHeaderSchema, {
    algorithm: 'EdDSA',
    keyId: keyIdOf(key.publicKey),
  });
  const signature = await key.sign(signedBytes({ protectedHeader, payload }, purpose));
  return encode(sign1Schema, [protectedHeader, {}, payload, signature]);
}

/** Takes an encoded COSE_Sign1 apart without verifying it. */
export function openSign1(encoded: Uint8Array): Decoded<Sign1> {
  const parts = decode(sign1Schema, encoded);
  if (!parts.ok) return parts;
  const [protectedHeader, , payload, signature] = parts.value;
  const header = decode(protectedHeaderSchema, protectedHeader);
  if (!header.ok) return { ok: false, detail: `protected header: ${header.detail}` };
  return {
    ok: true,
    value: { protectedHeader, keyId: header.value.keyId, payload, signature },
  };
}

/** Whether this key (32 bytes) made the signature for this purpose. */
export function verifySign1(
  sign1: Sign1,
  publicKey: Uint8Array,
  purpose: SignaturePurpose,
): MaybePromise<boolean> {
  return suite.verifySignature(publicKey, signedBytes(sign1, purpose), sign1.signature);
}

const labels = Object.fromEntries(
  Object.entries(signaturePurposes).map(([purpose, label]) => [purpose, utf8(label)]),
) as Readonly<Record<SignaturePurpose, Uint8Array>>;

/** What is signed: the encoded Sig_structure. */
export function signedBytes(
  { protectedHeader, payload }: Pick<Sign1, 'protectedHeader' | 'payload'>,
  purpose: SignaturePurpose,
): Uint8Array {
  return encode(signedSchema, ['Signature1', protectedHeader, labels[purpose], payload]);
}
