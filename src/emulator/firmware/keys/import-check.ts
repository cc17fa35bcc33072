import { isRsaType, type KeyMaterial, keyBytes, rsaBits } from '../../../protocol/keys.ts';
import { greatestCommonDivisor, toNumber } from '../../board/big-number.ts';
import { p256Order } from '../../board/ecc-engine.ts';
import type { RsaEngine } from '../../board/rsa-engine.ts';

/** Whether a key from outside is well-formed and strong. */
export async function checkImport(
  engine: Pick<RsaEngine, 'isPrime'>,
  material: KeyMaterial,
): Promise<boolean> {
  const { type, key, p, q, exponent } = material;
  if (isRsaType(type)) {
    if (key !== undefined || p === undefined || q === undefined || exponent === undefined) {
      return false;
    }
    return isStrongRsa(engine, rsaBits[type], p, q, exponent);
  }
  if (key === undefined || p !== undefined || q !== undefined || exponent !== undefined) {
    return false;
  }
  if (type === 'secret') return true;
  if (key.length !== keyBytes[type]) return false;
  if (type === 'p256') return toNumber(key) > 0n && toNumber(key) < p256Order;
  // Zeros are what a key is that was never made.
  return type !== 'x25519' || key.some((byte) => byte !== 0);
}

async function isStrongRsa(
  engine: Pick<RsaEngine, 'isPrime'>,
  bits: number,
  p: Uint8Array,
  q: Uint8Array,
  exponent: Uint8Array,
): Promise<boolean> {
  // Numbers have one form: no zeros in front, the larger prime first.
  if ([p, q, exponent].some(([first]) => first === 0)) return false;
  if (p.length !== bits / 16 || q.length !== bits / 16) return false;
  const [larger, smaller, e] = [toNumber(p), toNumber(q), toNumber(exponent)];
  // FIPS 186-5 §A.1.1: the exponent is above 2^16, and the primes differ by more than 2^(bits/2-100).
  if (e < 65_537n) return false;
  if (larger - smaller <= 1n << BigInt(bits / 2 - 100)) return false;
  const modulus = larger * smaller;
  if (modulus >> BigInt(bits - 1) !== 1n) return false;
  if (hasRocaPattern(modulus)) return false;
  const both = (larger - 1n) * (smaller - 1n);
  if (greatestCommonDivisor(both, e) !== 1n) return false;
  return (await engine.isPrime(larger)) && (await engine.isPrime(smaller));
}

/** The primes whose remainders tell the pattern: those up to 167 in which 65537 does not make all. */
const rocaPrimes = [
  3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101,
  103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
] as const;

/** For each of those primes, which remainders powers of 65537 have. */
const rocaRemainders = rocaPrimes.map((prime) => {
  const powers = new Set<bigint>();
  const generator = 65_537n % BigInt(prime);
  for (let power = 1n; !powers.has(power); power = (power * generator) % BigInt(prime)) {
    powers.add(power);
  }
  return powers;
});

/**
 * Whether a modulus was made by the library of CVE-2017-15361 (ROCA): its primes are k·M + 65537^a mod M,
 * M a product of small primes, so modulo each of these it is a power of 65537 (Nemec et al., "The Return
 * of Coppersmith's Attack", CCS 2017, §2). Another modulus passes for one with a chance of 2^-27 or less.
 */
function hasRocaPattern(modulus: bigint): boolean {
  return rocaPrimes.every((prime, i) => rocaRemainders[i]?.has(modulus % BigInt(prime)));
}
