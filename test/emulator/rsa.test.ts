import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { toHex, utf8 } from '../../src/bytes.ts';
import {
  nativeRsaEngine,
  type RsaEngine,
  seededRandom,
  seededRsaEngine,
} from '../../src/emulator/index.ts';
import { connect, type Dongle } from '../../src/index.ts';
import { plugDongle, testTrust } from '../support/rig.ts';
import { encryptOaep, engineOf, fixtureKeys, takesSignature } from '../support/rsa-keys.ts';
import { createRandom, seed } from '../support/seed.ts';

const hashBytes = { sha256: 32, sha384: 48, sha512: 64 } as const;
const hashes = Object.keys(hashBytes) as (keyof typeof hashBytes)[];
const keys = fixtureKeys(2048);
const message = utf8('what is signed');
const digestOf = (hash: string, data = message) =>
  Uint8Array.from(createHash(hash).update(data).digest());

async function connected(rsa: RsaEngine = engineOf(keys)): Promise<Dongle> {
  const { port } = await plugDongle({ rsa });
  return connect(port.source('hid'), { trust: await testTrust() });
}

async function withKey(rsa?: RsaEngine) {
  const dongle = await connected(rsa);
  const { key } = await dongle.rsa.generate({ bits: 2048 });
  return { dongle, key, publicKey: await dongle.rsa.publicKey({ key }) };
}

describe('RSA signatures', () => {
  test.each([2048, 3072, 4096] as const)('of %i bits are as long as the modulus', async (bits) => {
    const dongle = await connected(engineOf(fixtureKeys(bits)));
    const { key } = await dongle.rsa.generate({ bits });
    const publicKey = await dongle.rsa.publicKey({ key });
    const signature = await dongle.rsa.sign({ key, scheme: 'pss', hash: 'sha256', message });
    expect([publicKey.modulus.length, signature.length]).toEqual([bits / 8, bits / 8]);
    expect(takesSignature(publicKey, 'pss', 'sha256', message, signature, 32)).toBe(true);
    expect(takesSignature(publicKey, 'pss', 'sha256', utf8('other'), signature, 32)).toBe(false);
  });

  test('of a message and of its hash are the same by PKCS #1, and good by PSS', async () => {
    const { dongle, key, publicKey } = await withKey();
    for (const hash of hashes) {
      const pkcs1 = { key, scheme: 'pkcs1', hash } as const;
      const signature = await dongle.rsa.sign({ ...pkcs1, message });
      expect(takesSignature(publicKey, 'pkcs1', hash, message, signature)).toBe(true);
      expect(await dongle.rsa.sign({ ...pkcs1, digest: digestOf(hash) })).toEqual(signature);
      for (const saltBytes of [undefined, 0, 20, hashBytes[hash]]) {
        for (const input of [{ message }, { digest: digestOf(hash) }]) {
          const pss = await dongle.rsa.sign({
            ...{ key, scheme: 'pss', hash, ...input },
            ...(saltBytes !== undefined && { saltBytes }),
          });
          const expected = saltBytes ?? hashBytes[hash];
          expect(takesSignature(publicKey, 'pss', hash, message, pss, expected)).toBe(true);
          expect(takesSignature(publicKey, 'pss', hash, message, pss, expected + 1)).toBe(false);
        }
      }
    }
  });

  test('by PSS have another salt each time, unless the engine is seeded', async () => {
    const signTwice = async (rsa: RsaEngine) => {
      const { dongle, key } = await withKey(rsa);
      const request = { key, scheme: 'pss', hash: 'sha256', message } as const;
      return [await dongle.rsa.sign(request), await dongle.rsa.sign(request)].map(toHex);
    };
    const seeded = () => engineOf(keys, seededRsaEngine(seededRandom('salts')));
    const [first, second] = await signTwice(engineOf(keys));
    expect(first).not.toBe(second);
    const again = await signTwice(seeded());
    expect(again[0]).not.toBe(again[1]);
    expect(await signTwice(seeded())).toEqual(again);
  });

  test('are refused for what is no request, and the next is given', async () => {
    const { dongle, key } = await withKey();
    const pss = { key, scheme: 'pss', hash: 'sha256' } as const;
    const pkcs1 = { ...pss, scheme: 'pkcs1' } as const;
    const wrong = [
      pss,
      { ...pss, message, digest: digestOf('sha256') },
      { ...pss, digest: digestOf('sha384') },
      { ...pkcs1, hash: 'sha512', digest: digestOf('sha256') },
      { ...pss, message, saltBytes: 33 },
      { ...pkcs1, message, saltBytes: 32 },
      { ...pss, key: 1, message },
    ] as const;
    for (const request of wrong) {
      await expect(dongle.rsa.sign(request), JSON.stringify(request)).rejects.toMatchObject({
        code: 'INVALID_ARGUMENT',
      });
    }
    await expect(dongle.rsa.sign({ ...pss, key: key + 1, message })).rejects.toMatchObject({
      code: 'KEY_NOT_FOUND',
    });
    expect(await dongle.rsa.sign({ ...pss, message })).toHaveLength(256);
  });
});

describe('RSA decryption', () => {
  test.each(['sha1', 'sha224', 'sha256', 'sha384', 'sha512'] as const)(
    'of OAEP with %s, of no bytes and of as many as fit, with a label and without',
    async (hash) => {
      const { dongle, key, publicKey } = await withKey();
      const most = 256 - 2 * digestOf(hash).length - 2;
      const label = utf8('a label');
      for (const data of [new Uint8Array(0), message, new Uint8Array(most).fill(1)]) {
        const plain = encryptOaep(publicKey, hash, data);
        expect(await dongle.rsa.decrypt({ key, hash, ciphertext: plain })).toEqual(data);
        const labelled = encryptOaep(publicKey, hash, data, label);
        expect(await dongle.rsa.decrypt({ key, hash, label, ciphertext: labelled })).toEqual(data);
      }
    },
  );

  test(`fails in one way, whatever is wrong (SEED=${seed})`, async () => {
    const { dongle, key, publicKey } = await withKey();
    const random = createRandom(seed);
    const good = encryptOaep(publicKey, 'sha256', message);
    const altered = good.slice();
    altered[random.below(256)]! ^= 1 << random.below(8);
    const wrong = [
      { ciphertext: altered },
      { ciphertext: good, label: utf8('x') },
      { ciphertext: good, hash: 'sha1' },
      { ciphertext: good, maskHash: 'sha1' },
      { ciphertext: new Uint8Array(256) },
      { ciphertext: new Uint8Array(256).fill(0xff) },
      { ciphertext: publicKey.modulus },
      { ciphertext: new Uint8Array(384) },
    ] as const;
    const answers = new Set<string>();
    for (const change of wrong) {
      const failure = await dongle.rsa
        .decrypt({ key, hash: 'sha256', ...change })
        .catch((error: unknown) => error as Error & { code: string });
      answers.add(failure instanceof Error ? `${failure.code} ${failure.message}` : 'decrypted');
    }
    expect([...answers]).toEqual(['DECRYPT_FAILED The data could not be decrypted.']);
    expect(await dongle.rsa.decrypt({ key, hash: 'sha256', ciphertext: good })).toEqual(message);
  });
});

/** An engine whose signatures come when the test says so. */
function heldEngine(units: number) {
  const waiting: (() => void)[] = [];
  const engine: RsaEngine = {
    ...engineOf(keys),
    units,
    open(material) {
      const key = nativeRsaEngine.open(material);
      return {
        ...key,
        async sign(signing) {
          await new Promise<void>((resolve) => waiting.push(resolve));
          return key.sign(signing);
        },
      };
    },
  };
  return { engine, waiting };
}

describe('an RSA engine of three units', () => {
  test('signs for three sessions at once, the fourth when one of them is done', async () => {
    const { engine, waiting } = heldEngine(3);
    const { port } = await plugDongle({ rsa: engine });
    const options = { trust: await testTrust() };
    const idle = await connect(port.source('hid'), options);
    const dongles: Dongle[] = [];
    for (let i = 0; i < 5; i++) dongles.push(await connect(port.source('hid'), options));
    const signing = dongles.map(async (dongle) => {
      const { key } = await dongle.rsa.generate({ bits: 2048 });
      return dongle.rsa.sign({ key, scheme: 'pkcs1', hash: 'sha256', message });
    });
    await expect.poll(() => waiting.length).toBe(3);
    // The core has seen all requests when it answers one that came after them.
    await idle.wink();
    expect(waiting.length).toBe(3);
    for (let done = 0; done < 5; done++) {
      await expect.poll(() => waiting.length).toBeGreaterThan(done);
      expect(waiting.length).toBeLessThanOrEqual(done + 3);
      waiting[done]?.();
    }
    const signatures = await Promise.all(signing);
    expect(signatures.every(({ length }) => length === 256)).toBe(true);
  });
});
