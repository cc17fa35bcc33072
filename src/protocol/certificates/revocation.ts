import { openSign1, type Sign1 } from '../cose.ts';
import { type Decoded, decode } from '../schema/decode.ts';
import { array, bytes, constant, field, type Infer, struct, uint } from '../schema/schema.ts';
import { serialSchema, vendorSchema } from './certificate.ts';

/**
 * What a root takes back of what it and its issuers certified: the payload of a COSE_Sign1 by the
 * root. A list replaces those of the same root with a lower number.
 */
export const revocationListSchema = struct({
  version: field(1, constant(1)),
  number: field(2, uint({ max: 0xffff_ffff })),
  /** SHA-256 of the issuers' public keys. */
  issuers: field(3, array(bytes({ length: 32 }), { max: 1024 })),
  dongles: field(
    4,
    array(struct({ vendor: field(1, vendorSchema), serial: field(2, serialSchema) }), {
      max: 65_536,
    }),
  ),
});

export type RevocationList = Infer<typeof revocationListSchema>;

/** Reads a signed revocation list without verifying its signature. */
export function openRevocationList(
  encoded: Uint8Array,
): Decoded<{ readonly list: RevocationList; readonly sign1: Sign1 }> {
  const sign1 = openSign1(encoded);
  if (!sign1.ok) return sign1;
  const list = decode(revocationListSchema, sign1.value.payload);
  if (!list.ok) return list;
  return { ok: true, value: { list: list.value, sign1: sign1.value } };
}
