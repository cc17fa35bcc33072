import { fromHex, toHex } from '../../bytes.ts';

// Big-endian numbers, as keys have them.

export function toNumber(bytes: Uint8Array): bigint {
  return bytes.length === 0 ? 0n : BigInt(`0x${toHex(bytes)}`);
}

/** `length` bytes, or as few as it takes. */
export function toBytes(number: bigint, length?: number): Uint8Array {
  const hex = number.toString(16);
  const bytes = fromHex(hex.length % 2 === 0 ? hex : `0${hex}`);
  if (length === undefined || bytes.length === length) return bytes;
  if (bytes.length > length) throw new RangeError('the number is too large');
  const out = new Uint8Array(length);
  out.set(bytes, length - bytes.length);
  return out;
}

export function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  return b === 0n ? a : greatestCommonDivisor(b, a % b);
}

/** The inverse modulo a number; undefined where there is none. */
export function inverse(number: bigint, modulus: bigint): bigint | undefined {
  let [r, next, t, after] = [modulus, ((number % modulus) + modulus) % modulus, 0n, 1n];
  while (next !== 0n) {
    const quotient = r / next;
    [r, next] = [next, r - quotient * next];
    [t, after] = [after, t - quotient * after];
  }
  if (r !== 1n) return undefined;
  return t < 0n ? t + modulus : t;
}
