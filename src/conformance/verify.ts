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

function toBase64Url(bytes: Uint8Array): string {
  const text = btoa(String.fromCharCode(...bytes));
  return text.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}
