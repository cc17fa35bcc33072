import { suite } from '#crypto';
import { concatBytes, utf8 } from '../../bytes.ts';

const label = utf8('latchkey license key');

/**
 * The AES-256-GCM key of a license's encryption: HMAC-SHA-256 under the license's secret over a label,
 * the vendor and the product (both 32 bits, big-endian). The chip and the vendor alone can make it.
 */
export function licenseKeyOf(vendor: number, product: number, secret: Uint8Array): Uint8Array {
  const names = new DataView(new ArrayBuffer(8));
  names.setUint32(0, vendor);
  names.setUint32(4, product);
  return suite.hmacSha256(secret, concatBytes(label, new Uint8Array(names.buffer)));
}
