import { createHash, createPrivateKey } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { concatBytes, fromHex, toHex } from '../../src/bytes.ts';
import { greatestCommonDivisor, toBytes, toNumber } from '../../src/emulator/board/big-number.ts';
import {
  EmulatedDongle,
  LoopbackPort,
  largeFlash,
  MemoryFlash,
  manufacture,
  seededEccEngine,
  seededRsaEngine,
  systemRandom,
} from '../../src/emulator/index.ts';
import { connect, type Dongle, type KeyMaterial } from '../../src/index.ts';
import { testTrust } from '../support/rig.ts';
import origin from '../vectors/nist/asymmetric.json' with { type: 'json' };
import { bytesOf, readColons, readNamed, textOf, type Values } from './asymmetric-files.ts';

// Each vector goes from the client over the sealed channel to the firmware and back. Keys are loaded,
// but for RSA keys with an exponent below 65,537, which the dongle does not take in: those it generates,
// by an engine that has them ready. Salts of PSS and nonces of ECDSA are the board's randomness.

const generated: KeyMaterial[] = [];
const salts: Uint8Array[] = [];
const nonces: Uint8Array[] = [];

const flash = new MemoryFlash(largeFlash);
await manufacture(flash, systemRandom, 'LK-KNOWN');
const port = new LoopbackPort(
  new EmulatedDongle({
    flash,
    rsa: {
      ...seededRsaEngine((count) => salts.shift() ?? systemRandom(count)),
      generate: async () => generated.shift() as KeyMaterial,
    },
    ecc: seededEccEngine((count) => nonces.shift() ?? systemRandom(count)),
  }),
);
let dongle: Dongle;

beforeAll(async () => {
  await port.plug();
  dongle = await connect(port.source('vendor'), { trust: await testTrust() });
});

afterAll(async () => {
  await dongle.close();
  port.unplug();
});

/** What became of the vectors of a file. */
class Count {
  readonly file: string;
  run = 0;
  readonly excluded: Record<string, number>;

  constructor(file: string, excluded: Readonly<Record<string, number>> = {}) {
    this.file = file;
    this.excluded = { ...excluded };
  }

  exclude(reason: string): void {
    this.excluded[reason] = (this.excluded[reason] ?? 0) + 1;
  }
}

const shortKey = 'the key is shorter than 2,048 bits';
const shortHash = 'signatures with SHA-1 and SHA-224 are not offered';

function expectBytes(actual: Uint8Array, expected: Uint8Array, what: string): void {
  if (toHex(actual) !== toHex(expected)) {
    throw new Error(`${what}: ${toHex(actual)} instead of ${toHex(expected)}`);
  }
}

type SigningHash = 'sha256' | 'sha384' | 'sha512';

function signingHash(name: string): SigningHash | undefined {
  const hash = name.toLowerCase().replace('-', '');
  return ['sha256', 'sha384', 'sha512'].includes(hash) ? (hash as SigningHash) : undefined;
}

const digestOf = (hash: string, data: Uint8Array) =>
  Uint8Array.from(createHash(hash).update(data).digest());

/** Keys that are on the dongle, the last one used; there is one at a time. */
let held: { readonly name: string; readonly key: number } | undefined;

/** The number of the key, which is put on the dongle when it is another one than before. */
async function keyFor(material: KeyMaterial): Promise<number> {
  const { type, key = new Uint8Array(0), p = key, q = key, exponent } = material;
  const name = toHex(concatBytes(key, p, q, exponent ?? key));
  if (held?.name === name) return held.key;
  if (held !== undefined) await dongle.keys.drop(held);
  if (exponent !== undefined && toNumber(exponent) < 65_537n) {
    await expect(dongle.keys.load(material)).rejects.toMatchObject({ code: 'KEY_REFUSED' });
    generated.push(material);
    held = { name, ...(await dongle.keys.generate({ type })) };
  } else {
    held = { name, ...(await dongle.keys.load(material)) };
  }
  return held.key;
}

function rsaMaterial(p: bigint, q: bigint, exponent: bigint): KeyMaterial {
  const bits = (p * q).toString(2).length as 2048 | 3072 | 4096;
  const [larger, smaller] = p > q ? [p, q] : [q, p];
  return {
    ...{ type: `rsa${bits}`, p: toBytes(larger), q: toBytes(smaller) },
    exponent: toBytes(exponent),
  };
}

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  for (let bits = exponent, square = base; bits > 0n; bits >>= 1n) {
    if (bits & 1n) result = (result * square) % modulus;
    square = (square * square) % modulus;
  }
  return result;
}

/** The primes of a key of which n, e and d are known (SP 800-56B Rev. 2, appendix C.1). */
function primesOf(n: bigint, e: bigint, d: bigint): [bigint, bigint] {
  let odd = d * e - 1n;
  let halvings = 0;
  for (; odd % 2n === 0n; odd /= 2n) halvings++;
  for (let base = 2n; ; base++) {
    let root = power(base, odd, n);
    for (let i = 0; i < halvings && root !== 1n && root !== n - 1n; i++) {
      const square = (root * root) % n;
      if (square === 1n) {
        const p = greatestCommonDivisor(root - 1n, n);
        return [p, n / p];
      }
      root = square;
    }
  }
}

/** Signatures of FIPS 186, with the modulus in front of each section and the primes or d. */
async function signatures(scheme: 'pkcs1' | 'pss', last: string, count: Count): Promise<void> {
  const materials = new Map<string, KeyMaterial>();
  for (const values of readNamed(count.file, last)) {
    const hash = signingHash(textOf(values, 'shaalg'));
    const n = toNumber(bytesOf(values, 'n'));
    if (values.get('result')?.startsWith('F')) count.exclude('the signature is wrong on purpose');
    else if (n < 1n << 2047n) count.exclude(shortKey);
    else if (hash === undefined) count.exclude(shortHash);
    else {
      const e = toNumber(bytesOf(values, 'e'));
      const name = `${n} ${e}`;
      const material = materials.get(name) ?? materialOf(values, n, e);
      materials.set(name, material);
      const key = await keyFor(material);
      const message = bytesOf(values, 'msg');
      const salt = scheme === 'pss' ? bytesOf(values, 'saltval') : undefined;
      for (const input of [{ message }, { digest: digestOf(hash, message) }]) {
        if (salt !== undefined) salts.push(salt);
        const saltBytes = salt === undefined ? {} : { saltBytes: salt.length };
        const signature = await dongle.rsa.sign({ key, scheme, hash, ...input, ...saltBytes });
        expectBytes(signature, bytesOf(values, 's'), `${count.file} ${name.slice(0, 16)}`);
      }
      count.run++;
    }
  }
}

function materialOf(values: Values, n: bigint, e: bigint): KeyMaterial {
  if (!values.has('p')) return rsaMaterial(...primesOf(n, e, toNumber(bytesOf(values, 'd'))), e);
  return rsaMaterial(toNumber(bytesOf(values, 'p')), toNumber(bytesOf(values, 'q')), e);
}

type OaepHash = 'sha1' | 'sha224' | SigningHash;

/** Decryptions; files of `oaep-custom` are named by their mask hash and their hash. */
async function oaep(count: Count): Promise<void> {
  const [, maskHash = 'sha1', hash = 'sha1'] = /oaep-(sha\d+)-(sha\d+)/.exec(count.file) ?? [];
  for (const values of readNamed(count.file, 'encryption')) {
    const [p, q] = [toNumber(bytesOf(values, 'prime 1')), toNumber(bytesOf(values, 'prime 2'))];
    if (p * q < 1n << 2047n) {
      count.exclude(shortKey);
      continue;
    }
    const exponent = values.has('public exponent') ? 'public exponent' : 'exponent';
    const key = await keyFor(rsaMaterial(p, q, toNumber(bytesOf(values, exponent))));
    const ciphertext = bytesOf(values, 'encryption');
    const hashes = { hash: hash as OaepHash, maskHash: maskHash as OaepHash };
    const message = values.has('message') ? 'message' : 'message to be encrypted';
    const data = await dongle.rsa.decrypt({ key, ...hashes, ciphertext });
    expectBytes(data, bytesOf(values, message), count.file);
    count.run++;
  }
}

async function oaepLabel(count: Count): Promise<void> {
  for (const values of readNamed(count.file, 'output')) {
    const pkcs8 = Buffer.from(bytesOf(values, 'key'));
    const jwk = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' }).export({
      format: 'jwk',
    });
    const [p, q, e] = [jwk.p, jwk.q, jwk.e].map((text) =>
      toNumber(Buffer.from(text as string, 'base64url')),
    ) as [bigint, bigint, bigint];
    const decryption = {
      key: await keyFor(rsaMaterial(p, q, e)),
      hash: 'sha512',
      ciphertext: bytesOf(values, 'input'),
    } as const;
    const label = bytesOf(values, 'oaeplabel');
    const data = await dongle.rsa.decrypt({ ...decryption, label });
    expect(`"${Buffer.from(data).toString()}"`).toBe(textOf(values, 'output'));
    await expect(dongle.rsa.decrypt(decryption)).rejects.toMatchObject({ code: 'DECRYPT_FAILED' });
    count.run++;
  }
}

async function ecdsa(count: Count): Promise<void> {
  for (const values of readNamed(count.file, 's')) {
    const [, hashName = ''] = textOf(values, 'section').split(',');
    const hash = signingHash(hashName) as SigningHash;
    const key = await keyFor({ type: 'p256', key: bytesOf(values, 'd') });
    const publicKey = concatBytes(bytesOf(values, 'qx'), bytesOf(values, 'qy'));
    expectBytes(await dongle.ecc.publicKey({ key }), publicKey, count.file);
    const message = bytesOf(values, 'msg');
    for (const input of [{ message }, { digest: digestOf(hash, message) }]) {
      nonces.push(bytesOf(values, 'k'));
      const signature = await dongle.ecc.sign({ key, hash, ...input });
      expectBytes(signature, concatBytes(bytesOf(values, 'r'), bytesOf(values, 's')), count.file);
    }
    count.run++;
  }
}

async function ed25519(count: Count): Promise<void> {
  for (const [secret = '', publicKey = '', message = '', signed = ''] of readColons(count.file)) {
    const key = await keyFor({ type: 'ed25519', key: fromHex(secret.slice(0, 64)) });
    expectBytes(await dongle.ecc.publicKey({ key }), fromHex(publicKey), count.file);
    const signature = await dongle.ecc.sign({ key, message: fromHex(message) });
    expectBytes(signature, fromHex(signed.slice(0, 128)), count.file);
    count.run++;
  }
}

async function agree(scalar: Uint8Array, point: Uint8Array): Promise<Uint8Array> {
  const key = await keyFor({ type: 'x25519', key: scalar });
  return dongle.ecc.agree({ key, publicKey: point });
}

async function x25519(count: Count): Promise<void> {
  for (const values of readNamed(count.file, 'output_u')) {
    const secret = await agree(bytesOf(values, 'input_scalar'), bytesOf(values, 'input_u'));
    expectBytes(secret, bytesOf(values, 'output_u'), count.file);
    count.run++;
  }
}

/** How the files are run, by how their names begin. */
const runs: readonly (readonly [beginning: string, run: (count: Count) => Promise<void>])[] = [
  ['asymmetric/RSA/FIPS_186-2/SigGen15', (count) => signatures('pkcs1', 's', count)],
  ['asymmetric/RSA/FIPS_186-2/SigGenPSS', (count) => signatures('pss', 's', count)],
  ['asymmetric/RSA/FIPS_186-2/SigVer15', (count) => signatures('pkcs1', 'result', count)],
  ['asymmetric/RSA/FIPS_186-2/SigVerPSS', (count) => signatures('pss', 'result', count)],
  ['asymmetric/RSA/oaep-label', oaepLabel],
  ['asymmetric/RSA/', oaep],
  ['asymmetric/ECDSA/', ecdsa],
  ['asymmetric/Ed25519/', ed25519],
  ['asymmetric/X25519/', x25519],
];

interface OriginFile {
  readonly file: string;
  readonly vectors: number;
  readonly leftOut?: Readonly<Record<string, number>>;
}

const sum = (numbers: Readonly<Record<string, number>>) =>
  Object.values(numbers).reduce((all, one) => all + one, 0);

/** How many vectors there are of each kind to run, and how many not. */
const kinds = [
  {
    name: 'asymmetric/RSA/FIPS_186-2',
    run: 234,
    excluded: {
      [shortKey]: 260,
      [shortHash]: 156,
      'the signature is wrong on purpose': 750,
      'the file has no private key': 500,
    },
  },
  { name: 'asymmetric/RSA/pkcs1v15sign-vectors', run: 0, excluded: { [shortHash]: 300 } },
  {
    name: 'asymmetric/RSA/pkcs-1v2-1d2-vec',
    run: 6,
    excluded: { [shortKey]: 54, [shortHash]: 60 },
  },
  { name: 'asymmetric/RSA/oaep', run: 1_441, excluded: {} },
  {
    name: 'asymmetric/ECDSA',
    run: 45,
    excluded: { 'the curve is not offered': 1_050, [shortHash]: 30 },
  },
  { name: 'asymmetric/Ed25519', run: 1_024, excluded: {} },
  { name: 'asymmetric/X25519', run: 3, excluded: {} },
];

test.each(kinds)(
  'the dongle gives the known answers of $name',
  { timeout: 60_000 },
  async (expected) => {
    const count = { name: expected.name, run: 0, excluded: {} as Record<string, number> };
    for (const { file, vectors, leftOut = {} } of origin as readonly OriginFile[]) {
      if (!file.startsWith(expected.name)) continue;
      const one = new Count(file, leftOut);
      const run = runs.find(([beginning]) => file.startsWith(beginning))?.[1];
      if (sum(leftOut) < vectors) await run?.(one);
      console.info(JSON.stringify(one));
      expect(one.run + sum(one.excluded), file).toBe(vectors);
      count.run += one.run;
      for (const [reason, number] of Object.entries(one.excluded)) {
        count.excluded[reason] = (count.excluded[reason] ?? 0) + number;
      }
    }
    console.info(JSON.stringify(count));
    expect(count).toEqual(expected);
  },
);

test('X25519 iterated once and a thousand times gives what RFC 7748 §5.2 says', async () => {
  let [k, u] = [Uint8Array.of(9, ...new Uint8Array(31)), Uint8Array.of(9, ...new Uint8Array(31))];
  for (let i = 1; i <= 1_000; i++) {
    [k, u] = [Uint8Array.from(await agree(k, u)), k];
    if (i > 1) continue;
    expect(toHex(k)).toBe('422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079');
  }
  expect(toHex(k)).toBe('684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51');
});
