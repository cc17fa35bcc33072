import { expect } from 'vitest';
import { concatBytes, fromHex, toHex } from '../../src/bytes.ts';
import type { Dongle } from '../../src/index.ts';
import type { Vector } from './vector-file.ts';

// Each vector goes from the client over the sealed channel to the firmware and back: a key is loaded,
// used in one message and, where the data are long enough, in a stream, and dropped.

/** A vector that the dongle cannot be asked, and why. */
export class Excluded {
  readonly reason: string;

  constructor(reason: string) {
    this.reason = reason;
  }
}

export type Check = (dongle: Dongle, vector: Vector) => Promise<Excluded | undefined>;

/** What stands under a name. */
function bytesOf({ values }: Vector, name: string): Uint8Array {
  const value = values.get(name);
  if (value === undefined) throw new Error(`the vector has no ${name}`);
  return fromHex(value);
}

function expectBytes(actual: Uint8Array, expected: Uint8Array): void {
  if (toHex(actual) !== toHex(expected)) {
    throw new Error(`${toHex(actual)} instead of ${toHex(expected)}`);
  }
}

/** Does `work` with a key that is loaded for it. */
async function withKey(
  dongle: Dongle,
  type: 'aes' | 'secret',
  bytes: Uint8Array,
  work: (key: number) => Promise<void>,
): Promise<void> {
  const types = { 16: 'aes128', 24: 'aes192', 32: 'aes256' } as const;
  const { key } = await dongle.keys.load({
    type: type === 'secret' ? type : types[bytes.length as keyof typeof types],
    key: bytes,
  });
  await work(key);
  await dongle.keys.drop({ key });
}

/** Where a stream is cut: after the first half of the blocks; undefined for less than two. */
function cutOf(data: Uint8Array): number | undefined {
  return data.length < 32 ? undefined : 16 * Math.floor(data.length / 32);
}

function blockMode(mode: 'ecb' | 'cbc' | 'cfb' | 'ctr'): Check {
  return async (dongle, vector) => {
    const direction = vector.section === 'ENCRYPT' ? 'encrypt' : 'decrypt';
    const [from, to] =
      direction === 'encrypt' ? ['plaintext', 'ciphertext'] : ['ciphertext', 'plaintext'];
    const data = bytesOf(vector, from as string);
    const expected = bytesOf(vector, to as string);
    const iv = mode === 'ecb' ? {} : { iv: bytesOf(vector, 'iv') };
    await withKey(dongle, 'aes', bytesOf(vector, 'key'), async (key) => {
      expectBytes(await dongle.aes[direction]({ key, mode, ...iv, data }), expected);
      const cut = cutOf(data);
      if (cut === undefined) return;
      await using stream = await dongle.aes.stream({ key, mode, ...iv, direction });
      const parts = [
        await stream.update(data.subarray(0, cut)),
        await stream.update(data.subarray(cut)),
        await stream.finish(),
      ];
      expectBytes(concatBytes(...parts), expected);
    });
    return undefined;
  };
}

const gcm: Check = async (dongle, vector) => {
  const [iv, ad, ciphertext, tag] = ['iv', 'aad', 'ct', 'tag'].map((name) =>
    bytesOf(vector, name),
  ) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
  const sealed = concatBytes(ciphertext, tag);
  await withKey(dongle, 'aes', bytesOf(vector, 'key'), async (key) => {
    const setup = { key, mode: 'gcm', iv, ad } as const;
    if (vector.marks.has('FAIL')) {
      await expect(dongle.aes.decrypt({ ...setup, data: sealed })).rejects.toMatchObject({
        code: 'DECRYPT_FAILED',
      });
      return;
    }
    const data = bytesOf(vector, 'pt');
    expectBytes(await dongle.aes.encrypt({ ...setup, data }), sealed);
    expectBytes(await dongle.aes.decrypt({ ...setup, data: sealed }), data);
    const cut = cutOf(data);
    if (cut === undefined) return;
    await using stream = await dongle.aes.stream({ ...setup, direction: 'encrypt' });
    const parts = [
      await stream.update(data.subarray(0, cut - 3)),
      await stream.update(data.subarray(cut - 3)),
      await stream.finish(),
    ];
    expectBytes(concatBytes(...parts), sealed);
  });
  return undefined;
};

function mac(
  algorithm: 'cmac' | 'hmacSha256' | 'hmacSha384' | 'hmacSha512',
  names: { readonly message: string; readonly mac: string },
): Check {
  return async (dongle, vector) => {
    const secret = bytesOf(vector, 'key');
    if (secret.length > 128) return new Excluded('the key is longer than 128 bytes');
    const data = bytesOf(vector, names.message);
    const expected = bytesOf(vector, names.mac);
    await withKey(dongle, algorithm === 'cmac' ? 'aes' : 'secret', secret, async (key) => {
      expectBytes(await dongle.mac.compute({ key, algorithm, data }), expected);
      // In as many ways as there are to cut it once.
      for (let cut = 0; cut <= data.length; cut++) {
        await using stream = await dongle.mac.stream({ key, algorithm });
        await stream.update(data.subarray(0, cut));
        await stream.update(data.subarray(cut));
        expectBytes(await stream.finish(), expected);
      }
    });
    return undefined;
  };
}

const hkdf: Check = async (dongle, vector) => {
  const expected = bytesOf(vector, 'okm');
  const derivation = {
    hash: 'sha256',
    salt: bytesOf(vector, 'salt'),
    info: bytesOf(vector, 'info'),
  } as const;
  await withKey(dongle, 'secret', bytesOf(vector, 'ikm'), async (key) => {
    const count = expected.length;
    expectBytes(await dongle.mac.hkdf({ key, ...derivation, count }), expected);
  });
  return undefined;
};

const hmacNames = { message: 'msg', mac: 'md' };

/** What the files are about, by how their names begin. */
export const checks: readonly (readonly [beginning: string, check: Check])[] = [
  ['ciphers/AES/ECB/', blockMode('ecb')],
  ['ciphers/AES/CBC/', blockMode('cbc')],
  ['ciphers/AES/CFB/', blockMode('cfb')],
  ['ciphers/AES/CTR/', blockMode('ctr')],
  ['ciphers/AES/GCM/', gcm],
  ['CMAC/', mac('cmac', { message: 'message', mac: 'output' })],
  ['HMAC/rfc-4231-sha256', mac('hmacSha256', hmacNames)],
  ['HMAC/rfc-4231-sha384', mac('hmacSha384', hmacNames)],
  ['HMAC/rfc-4231-sha512', mac('hmacSha512', hmacNames)],
  ['KDF/', hkdf],
];
