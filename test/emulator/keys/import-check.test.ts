import { checkPrimeSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { toBytes, toNumber } from '../../../src/emulator/board/big-number.ts';
import { p256Order } from '../../../src/emulator/board/ecc-engine.ts';
import { checkImport as check } from '../../../src/emulator/firmware/keys/import-check.ts';
import { nativeRsaEngine } from '../../../src/emulator/index.ts';
import type { KeyMaterial } from '../../../src/index.ts';
import { fixtureKeys } from '../../support/rsa-keys.ts';
import { createRandom, seed } from '../../support/seed.ts';

const good = fixtureKeys(2048)[0] as KeyMaterial & { p: Uint8Array; q: Uint8Array };
const checkImport = (material: KeyMaterial) => check(nativeRsaEngine, material);
const e65537 = Uint8Array.of(1, 0, 1);
const random = createRandom(seed);

function rsa(p: bigint, q: bigint, exponent = e65537): KeyMaterial {
  const [larger, smaller] = p > q ? [p, q] : [q, p];
  return { type: 'rsa2048', p: toBytes(larger), q: toBytes(smaller), exponent };
}

/** The next prime at or above a number. */
function primeFrom(number: bigint): bigint {
  for (let prime = number | 1n; ; prime += 2n) {
    // Small factors first: that is quicker by far.
    if (prime % 3n === 0n || prime % 5n === 0n || prime % 7n === 0n) continue;
    if (checkPrimeSync(prime, { checks: 8 })) return prime;
  }
}

/** A prime of 1,024 bits, both of the first two set. */
const freshPrime = () => primeFrom(toNumber(random.bytes(128)) | (3n << 1022n));

/** The product of the first 126 primes: M of 2,048-bit keys in CVE-2017-15361 is that of fewer. */
const smallPrimes: bigint[] = [];
for (let n = 2n; smallPrimes.length < 126; n++) {
  if (smallPrimes.every((prime) => n % prime !== 0n)) smallPrimes.push(n);
}

/** A prime as the library of ROCA makes it: k·M + 65537^a mod M. */
function rocaPrime(): bigint {
  const m = smallPrimes.reduce((product, prime) => product * prime, 1n);
  for (;;) {
    let power = 1n;
    for (let bits = toNumber(random.bytes(4)), base = 65_537n; bits > 0n; bits >>= 1n) {
      if (bits & 1n) power = (power * base) % m;
      base = (base * base) % m;
    }
    const least = (3n << 1022n) / m + 1n;
    const prime = (least + toNumber(random.bytes(4))) * m + power;
    if (checkPrimeSync(prime, { checks: 8 })) return prime;
  }
}

test('takes sound RSA keys of each length', async () => {
  for (const bits of [2048, 3072, 4096] as const) {
    for (const key of fixtureKeys(bits)) expect(await checkImport(key)).toBe(true);
  }
  expect(await checkImport(rsa(freshPrime(), freshPrime())), `SEED=${seed}`).toBe(true);
});

const [p, q] = [toNumber(good.p), toNumber(good.q)];
const close = primeFrom(q + 2n);

/** A prime of 1,024 bits whose predecessor the exponent divides. */
function primeBefore(exponent: bigint): bigint {
  for (let k = (3n << 1022n) / exponent + 1n; ; k++) {
    const prime = k * exponent + 1n;
    if (prime % 2n === 1n && checkPrimeSync(prime, { checks: 8 })) return prime;
  }
}

const weak: readonly (readonly [name: string, key: KeyMaterial])[] = [
  ['one prime twice', rsa(p, p)],
  ['primes that are close to each other', rsa(q, close)],
  ['a first number that is no prime', rsa(p + 2n * 3n * 5n * 7n, q)],
  ['an even number for a prime', rsa(p + 1n, q)],
  ['the product of two primes for a prime', rsa(p, primeFrom(3n << 510n) * primeFrom(7n << 509n))],
  ['a public exponent of 3', rsa(p, q, Uint8Array.of(3))],
  ['a public exponent of 65,535', rsa(p, q, Uint8Array.of(255, 255))],
  ['an even public exponent', rsa(p, q, Uint8Array.of(1, 0, 2))],
  ['an exponent that has a factor in common with p - 1', rsa(primeBefore(65_537n), q)],
  ['the smaller prime first', { ...good, p: good.q, q: good.p }],
  ['zeros in front of the exponent', { ...good, exponent: Uint8Array.of(0, 1, 0, 1) }],
  ['primes of another length', { ...good, type: 'rsa4096' }],
  [
    'a modulus of 2,047 bits',
    rsa(primeFrom(1n << 1023n), primeFrom((1n << 1023n) + (1n << 1000n))),
  ],
  ['no exponent', { type: 'rsa2048', p: good.p, q: good.q }],
  ['a secret besides', { ...good, key: new Uint8Array(32) }],
  ['no numbers at all', { type: 'rsa2048' }],
];

test.each(weak)(`refuses RSA keys with %s`, async (_, key) => {
  expect(await checkImport(key), `SEED=${seed}`).toBe(false);
});

test(`refuses RSA keys with the pattern of ROCA (SEED=${seed})`, async () => {
  const [first, second] = [rocaPrime(), rocaPrime()];
  // They are primes like any other, but for the pattern.
  expect(checkPrimeSync(first) && checkPrimeSync(second) && first !== second).toBe(true);
  expect(await checkImport(rsa(first, second))).toBe(false);
  expect(await checkImport(rsa(first, freshPrime()))).toBe(true);
});

const bytes = (number: bigint) => toBytes(number, 32);

test.each([
  ['p256', bytes(1n), true],
  ['p256', bytes(p256Order - 1n), true],
  ['p256', bytes(0n), false],
  ['p256', bytes(p256Order), false],
  ['p256', new Uint8Array(32).fill(255), false],
  ['p256', new Uint8Array(31).fill(1), false],
  ['ed25519', new Uint8Array(32), true],
  ['ed25519', new Uint8Array(33), false],
  ['x25519', new Uint8Array(32).fill(1), true],
  ['x25519', new Uint8Array(32), false],
  ['x25519', new Uint8Array(31).fill(1), false],
  ['aes128', new Uint8Array(16), true],
  ['aes128', new Uint8Array(32), false],
  ['aes192', new Uint8Array(24), true],
  ['aes256', new Uint8Array(24), false],
  ['secret', new Uint8Array(1), true],
] as const)('of a %s key %s it says %s', async (type, key, taken) => {
  expect(await checkImport({ type, key })).toBe(taken);
  expect(await checkImport({ type, key, exponent: e65537 })).toBe(false);
  expect(await checkImport({ type })).toBe(false);
});
