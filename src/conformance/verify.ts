const { subtle } = globalThis.crypto;

/** What was signed, how, and by whom. Numbers are big-endian. */
export interface RsaSignature {
  readonly modulus: Uint8Array;
  readonly exponent: Uint8Array;
  readonly scheme: 'pkcs1' | 'pss';
  readonly hash: 'sha256' | 'sha384' | 'sha512';
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
}

const hashes = {
  sha256: { name: 'SHA-256', bytes: 32 },
  sha384: { name: 'SHA-384', bytes: 48 },
  sha512: { name: 'SHA-512', bytes: 64 },
} as const;

/** Whether WebCrypto, which no device has had a part in, takes the signature (RFC 8017 §8). */
export async function verifyRsaSignature(claim: RsaSignature): Promise<boolean> {
  const { name: hash, bytes: saltLength } = hashes[claim.hash];
  const name = claim.scheme === 'pss' ? 'RSA-PSS' : 'RSASSA-PKCS1-v1_5';
  const jwk = { kty: 'RSA', n: toBase64Url(claim.modulus), e: toBase64Url(claim.exponent) };
  const key = await subtle.importKey('jwk', jwk, { name, hash }, false, ['verify']);
  return subtle.verify(
    { name, saltLength },
    key,
    claim.signature as Uint8Array<ArrayBuffer>,
    claim.message as Uint8Array<ArrayBuffer>,
  );
}

/** The same of an ECDSA signature with P-256; keys and signatures are two numbers of 32 bytes each. */
export async function verifyEcdsaSignature(
  claim: Pick<RsaSignature, 'hash' | 'message' | 'signature'> & { readonly publicKey: Uint8Array },
): Promise<boolean> {
  const [x, y] = [claim.publicKey.subarray(0, 32), claim.publicKey.subarray(32)].map(toBase64Url);
  const jwk = { kty: 'EC', crv: 'P-256', x: x as string, y: y as string };
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
  const key = await subtle.importKey('jwk', jwk, algorithm, false, ['verify']);
  return subtle.verify(
    { name: 'ECDSA', hash: hashes[claim.hash].name },
    key,
    claim.signature as Uint8Array<ArrayBuffer>,
    claim.message as Uint8Array<ArrayBuffer>,
  );
}

function toBase64Url(bytes: Uint8Array): string {
  const text = btoa(String.fromCharCode(...bytes));
  return text.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}
