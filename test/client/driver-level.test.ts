import { afterEach, describe, expect, test, vi } from 'vitest';
import { utf8 } from '../../src/bytes.ts';
import { Session } from '../../src/client/session.ts';
import { suite as pageSuite } from '../../src/crypto/browser.ts';
import { suite } from '../../src/crypto/node.ts';
import type { DhKey } from '../../src/crypto/suite.ts';
import { rsaNumbers } from '../../src/emulator/board/rsa-numbers.ts';
import { demoPasswords, type ModelName } from '../../src/emulator/index.ts';
import { connect, type Dongle, type KeyMaterial } from '../../src/index.ts';
import { exportKey } from '../../src/protocol/commands/index.ts';
import { openExportedKey, sealExportedKey } from '../../src/protocol/exported-key.ts';
import { plugDongle, testTrust } from '../support/rig.ts';
import { encryptOaep, engineOf, fixtureKeys, takesSignature } from '../support/rsa-keys.ts';

const application = 100;
const [material, otherMaterial] = fixtureKeys(2048) as [KeyMaterial, KeyMaterial];
const message = utf8('what is signed');
const signing = { scheme: 'pkcs1', hash: 'sha256', message } as const;

const user = { application, role: 'user', password: demoPasswords.user } as const;
const administrator = {
  application,
  role: 'administrator',
  password: demoPasswords.administrator,
} as const;

afterEach(() => vi.restoreAllMocks());

async function plugged(model: ModelName): Promise<{ open(): Promise<Dongle> }> {
  const { port } = await plugDongle({ model, rsa: engineOf([material]) });
  const trust = await testTrust();
  return { open: () => connect(port.source('hid'), { trust }) };
}

/** A dongle of the model that has the key under that number, and a login of its user. */
async function withKey(model: ModelName, imported = material) {
  const { open } = await plugged(model);
  const dongle = await open();
  await dongle.memory.login(administrator);
  const { key } = await dongle.keys.import({ application, material: imported });
  await dongle.memory.login(user);
  return { dongle, key, open };
}

/** The requests of this session that ask for a private key. */
function watchExports() {
  const calls = vi.spyOn(Session.prototype, 'call');
  return () => calls.mock.calls.filter(([command]) => command === (exportKey as unknown)).length;
}

describe('the driver', () => {
  test.each([2048, 3072, 4096] as const)(
    'signs and decrypts as the chip does, with %i bits',
    async (bits) => {
      const imported = fixtureKeys(bits)[0] as KeyMaterial;
      const [inDriver, onChip] = [
        await withKey('driver', imported),
        await withKey('standard', imported),
      ];
      expect([inDriver.dongle.rsa.level, onChip.dongle.rsa.level]).toEqual(['driver', 'on-chip']);
      const publicKey = await inDriver.dongle.rsa.publicKey(inDriver);
      expect(await onChip.dongle.rsa.publicKey(onChip)).toEqual(publicKey);
      const label = utf8('label');
      const ciphertext = encryptOaep(publicKey, 'sha1', message, label);
      const digest = suite.sha256(message);
      for (const { dongle, key } of [inDriver, onChip]) {
        expect(await dongle.rsa.sign({ key, ...signing })).toEqual(
          await inDriver.dongle.rsa.sign({ ...inDriver, scheme: 'pkcs1', hash: 'sha256', digest }),
        );
        const pss = await dongle.rsa.sign({ key, ...signing, scheme: 'pss', saltBytes: 20 });
        expect(takesSignature(publicKey, 'pss', 'sha256', message, pss, 20)).toBe(true);
        const decryption = { key, hash: 'sha1', label, ciphertext } as const;
        expect(await dongle.rsa.decrypt(decryption)).toEqual(message);
        await expect(dongle.rsa.decrypt({ ...decryption, label: message })).rejects.toMatchObject({
          code: 'DECRYPT_FAILED',
        });
        await expect(dongle.rsa.sign({ key, ...signing, digest })).rejects.toMatchObject({
          code: 'INVALID_ARGUMENT',
        });
        await expect(dongle.rsa.sign({ key, ...signing, saltBytes: 8 })).rejects.toMatchObject({
          code: 'INVALID_ARGUMENT',
        });
      }
    },
  );

  test('is refused where the chip is required, before any key is asked for', async () => {
    const exports = watchExports();
    const { dongle, key } = await withKey('driver');
    const required = { key, require: 'on-chip' } as const;
    const unavailable = { code: 'ON_CHIP_UNAVAILABLE' };
    await expect(dongle.rsa.sign({ ...required, ...signing })).rejects.toMatchObject(unavailable);
    const ciphertext = new Uint8Array(256);
    await expect(
      dongle.rsa.decrypt({ ...required, hash: 'sha256', ciphertext }),
    ).rejects.toMatchObject(unavailable);
    await expect(dongle.rsa.generate({ bits: 2048 })).rejects.toMatchObject(unavailable);
    await dongle.memory.login(administrator);
    await expect(dongle.keys.create({ application, type: 'rsa2048' })).rejects.toMatchObject(
      unavailable,
    );
    await expect(dongle.keys.load(material)).rejects.toMatchObject(unavailable);
    expect(exports()).toBe(0);
    const onChip = await withKey('standard');
    expect(
      await onChip.dongle.rsa.sign({ key: onChip.key, require: 'on-chip', ...signing }),
    ).toHaveLength(256);
  });

  test('tells what a page cannot do, and fails at nothing else in that way', async () => {
    const { dongle, key } = await withKey('driver');
    const digest = suite.sha256(message);
    const importing = vi.spyOn(suite, 'importRsaKey').mockImplementation(pageSuite.importRsaKey);
    const inPage = { key, scheme: 'pkcs1', hash: 'sha256', digest } as const;
    await expect(dongle.rsa.sign(inPage)).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringMatching(/^A page signs messages, not hashes of them; give it/),
    });
    expect(importing).toHaveBeenCalledOnce();
    const ciphertext = new Uint8Array(256);
    const decryption = { key, hash: 'sha224', ciphertext } as const;
    await expect(dongle.rsa.decrypt(decryption)).rejects.toMatchObject({ code: 'UNSUPPORTED' });
    const broken = { sign: () => Promise.reject(new DOMException('no', 'OperationError')) };
    importing.mockReturnValue({ ...broken, decrypt: broken.sign });
    const other = await withKey('driver');
    await expect(other.dongle.rsa.sign({ ...inPage, key: other.key })).rejects.toMatchObject({
      name: 'OperationError',
    });
  });

  test('asks for a key once, and for the dongle’s leave each time', async () => {
    const { dongle, key, open } = await withKey('driver');
    const exports = watchExports();
    const first = await dongle.rsa.sign({ key, ...signing });
    expect(await dongle.rsa.sign({ key, ...signing })).toEqual(first);
    expect(exports()).toBe(1);
    await dongle.memory.logout({ application });
    await expect(dongle.rsa.sign({ key, ...signing })).rejects.toMatchObject({
      code: 'LOGIN_REQUIRED',
    });
    const other = await open();
    await expect(other.rsa.sign({ key, ...signing })).rejects.toMatchObject({
      code: 'LOGIN_REQUIRED',
    });
    await other.memory.login(administrator);
    await other.keys.delete({ application, key });
    await dongle.memory.login(user);
    await expect(dongle.rsa.sign({ key, ...signing })).rejects.toMatchObject({
      code: 'KEY_NOT_FOUND',
    });
    expect(exports()).toBe(1);
    const again = await other.keys.import({ application, material: otherMaterial });
    expect(again.key).toBe(key);
    expect(await dongle.rsa.sign({ key, ...signing })).not.toEqual(first);
    expect(exports()).toBe(2);
  });

  test('has no key when its session is over', async () => {
    const { dongle, key, open } = await withKey('driver');
    const exports = watchExports();
    await dongle.rsa.sign({ key, ...signing });
    await dongle.close();
    await expect(dongle.rsa.sign({ key, ...signing })).rejects.toMatchObject({ code: 'CLOSED' });
    const next = await open();
    await next.memory.login(user);
    await next.rsa.sign({ key, ...signing });
    expect(exports()).toBe(2);
  });
});

describe('a private key', () => {
  /** The session behind a dongle, to ask what no driver asks. */
  async function askFor(dongle: Dongle, request: { application: number; key: number }) {
    const calls = vi.spyOn(Session.prototype, 'call');
    await dongle.wink();
    const session = calls.mock.contexts.at(-1) as Session;
    const recipient = await suite.generateDhKey();
    return session.call(exportKey, { ...request, recipient: recipient.publicKey }, 5_000);
  }

  test('leaves no model with RSA on its chip', async () => {
    const { dongle, key } = await withKey('standard');
    await expect(askFor(dongle, { application, key })).rejects.toMatchObject({
      code: 'ON_CHIP_UNAVAILABLE',
    });
  });

  test('leaves for a user of its own partition alone, and no other type does', async () => {
    const { dongle, key, open } = await withKey('driver');
    const stranger = await open();
    await expect(askFor(stranger, { application, key })).rejects.toMatchObject({
      code: 'LOGIN_REQUIRED',
    });
    await expect(askFor(dongle, { application: 11, key })).rejects.toMatchObject({
      code: 'LOGIN_REQUIRED',
    });
    for (const number of [1, key + 1, 0x8000]) {
      await expect(askFor(dongle, { application, key: number })).rejects.toMatchObject({
        code: 'KEY_NOT_FOUND',
      });
    }
    await dongle.memory.login(administrator);
    const secret = await dongle.keys.create({ application, type: 'aes256' });
    await expect(askFor(dongle, { application, key: secret.key })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
    expect((await askFor(dongle, { application, key })).sealed.length).toBeGreaterThan(1_000);
  });

  test('is opened by its recipient alone, from its dongle alone, under its number alone', async () => {
    const [dongle, other, recipient] = (await Promise.all(
      Array.from({ length: 3 }, async () => suite.generateDhKey()),
    )) as [DhKey, DhKey, DhKey];
    const number = new Uint8Array(256).fill(0x91);
    const numbers = {
      n: number,
      e: number,
      d: number,
      p: number,
      q: number,
      dp: number,
      dq: number,
    };
    const seal = (sender: DhKey) =>
      sealExportedKey(
        0x101,
        { ...numbers, qi: number },
        {
          ...{ sender, recipient: recipient.publicKey },
          generateEphemeral: suite.generateDhKey,
        },
      ) as Promise<Uint8Array>;
    const sealed = await seal(dongle);
    const sender = dongle.publicKey;
    expect(await openExportedKey(0x101, sealed, { sender, recipient })).toEqual({
      ...numbers,
      qi: number,
    });
    expect(await openExportedKey(0x102, sealed, { sender, recipient })).toBeUndefined();
    expect(await openExportedKey(0x101, sealed, { sender, recipient: other })).toBeUndefined();
    expect(await openExportedKey(0x101, await seal(other), { sender, recipient })).toBeUndefined();
    for (let at = 0; at < sealed.length; at += 7) {
      const altered = sealed.slice();
      altered[at]! ^= 1 << (at % 8);
      expect(await openExportedKey(0x101, altered, { sender, recipient })).toBeUndefined();
    }
  });
});

describe('a page', () => {
  const key = pageSuite.importRsaKey(rsaNumbers(material));
  const publicKey = { modulus: rsaNumbers(material).n, exponent: rsaNumbers(material).e };

  test('signs messages and decrypts as Node does', async () => {
    for (const hash of ['sha256', 'sha384', 'sha512'] as const) {
      for (const [scheme, saltBytes] of [
        ['pkcs1', 0],
        ['pss', 0],
        ['pss', 32],
      ] as const) {
        const signature = await key.sign({ scheme, hash, input: { message }, saltBytes });
        expect(takesSignature(publicKey, scheme, hash, message, signature, saltBytes)).toBe(true);
      }
    }
    for (const hash of ['sha1', 'sha256', 'sha384', 'sha512'] as const) {
      const label = utf8('label');
      const ciphertext = encryptOaep(publicKey, hash, message, label);
      const decryption = { hash, maskHash: hash, label, ciphertext };
      expect(await key.decrypt(decryption)).toEqual(message);
      expect(await key.decrypt({ ...decryption, label: message })).toBeUndefined();
    }
  });

  test('says so where WebCrypto has no way to do it', async () => {
    const unsupported = { name: 'NotSupportedError' };
    const digest = suite.sha256(message);
    const ciphertext = new Uint8Array(256);
    const oaep = { label: new Uint8Array(0), ciphertext } as const;
    await expect(
      key.sign({ scheme: 'pkcs1', hash: 'sha256', input: { digest }, saltBytes: 0 }),
    ).rejects.toMatchObject(unsupported);
    await expect(key.decrypt({ ...oaep, hash: 'sha256', maskHash: 'sha1' })).rejects.toMatchObject(
      unsupported,
    );
    await expect(
      key.decrypt({ ...oaep, hash: 'sha224', maskHash: 'sha224' }),
    ).rejects.toMatchObject(unsupported);
  });
});
