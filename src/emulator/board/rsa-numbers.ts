import type { RsaNumbers } from '../../crypto/rsa.ts';
import type { KeyMaterial } from '../../protocol/keys.ts';
import { inverse, toBytes, toNumber } from './big-number.ts';

/** All numbers of an RSA key, of its primes and its exponent (RFC 8017 §3.2). */
export function rsaNumbers({ p, q, exponent }: KeyMaterial): RsaNumbers {
  if (p === undefined || q === undefined || exponent === undefined) {
    throw new RangeError('an RSA key has two primes and an exponent');
  }
  const [larger, smaller] = [toNumber(p), toNumber(q)];
  const d = inverse(toNumber(exponent), (larger - 1n) * (smaller - 1n));
  const qi = inverse(smaller, larger);
  if (d === undefined || qi === undefined) throw new RangeError('these are no RSA numbers');
  return {
    n: toBytes(larger * smaller),
    e: exponent,
    d: toBytes(d),
    p,
    q,
    dp: toBytes(d % (larger - 1n)),
    dq: toBytes(d % (smaller - 1n)),
    qi: toBytes(qi),
  };
}
