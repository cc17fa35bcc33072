import { expect, test } from 'vitest';
import {
  type BoardParts,
  demoPasswords,
  MemoryFlash,
  type ModelName,
  manufacture,
  modelNames,
  models,
  nativeRsaEngine,
  systemRandom,
} from '../../src/emulator/index.ts';
import { connect, type Dongle, type KeyMaterial } from '../../src/index.ts';
import { plugDongle, testTrust } from '../support/rig.ts';

const trust = await testTrust();
const application = 100;
const refusal = (code: string) => expect.objectContaining({ code });

const material: KeyMaterial = { type: 'aes128', key: new Uint8Array(16).fill(7) };
const data = new Uint8Array(16).fill(1);

/** An RSA engine with one unit, which never comes to an end. */
const stuckEngine = { ...nativeRsaEngine, units: 1, generate: () => new Promise<never>(() => {}) };

async function dongleOf(model: ModelName = 'standard', parts: BoardParts = {}) {
  const flash = new MemoryFlash(models[model].flash);
  await manufacture(flash, systemRandom, 'LK-KEYS', { model });
  const { port } = await plugDongle({ ...parts, flash });
  const open = () => connect(port.source('hid'), { trust });
  return { port, open, dongle: await open() };
}

function login(dongle: Dongle, role: 'user' | 'administrator' = 'administrator'): Promise<void> {
  return dongle.memory.login({ application, role, password: demoPasswords[role] });
}

test('a key that is loaded and one that is imported do the same', async () => {
  const { dongle } = await dongleOf();
  await login(dongle);
  const keys = [
    await dongle.keys.load(material),
    await dongle.keys.import({ application, material }),
  ];
  const [first, second] = await Promise.all(
    keys.map(({ key }) => dongle.aes.encrypt({ key, mode: 'ecb', data })),
  );
  expect(first).toEqual(second);
  expect(await dongle.keys.list()).toEqual([
    { key: 1, type: 'aes256' },
    { key: 0x100, type: 'aes128', application },
    { key: 0x8000, type: 'aes128' },
  ]);
});

test('a private key is there after replugging, for whoever logs in', async () => {
  const { dongle, open, port } = await dongleOf();
  await login(dongle);
  const { key } = await dongle.keys.create({ application, type: 'aes256' });
  const encrypted = await dongle.aes.encrypt({ key, mode: 'ecb', data });
  port.unplug();
  await port.plug();
  await using again = await open();
  const decrypt = () => again.aes.decrypt({ key, mode: 'ecb', data: encrypted });
  await expect(decrypt()).rejects.toEqual(refusal('LOGIN_REQUIRED'));
  await login(again, 'user');
  expect(await decrypt()).toEqual(data);
  await again.memory.logout({ application });
  await expect(decrypt()).rejects.toEqual(refusal('LOGIN_REQUIRED'));
});

test('only the administrator creates, imports and deletes', async () => {
  const { dongle } = await dongleOf();
  await login(dongle);
  const { key } = await dongle.keys.create({ application, type: 'secret', bytes: 128 });
  await login(dongle, 'user');
  const tries = [
    dongle.keys.create({ application, type: 'aes128' }),
    dongle.keys.import({ application, material }),
    dongle.keys.delete({ application, key }),
    dongle.keys.create({ application: 300, type: 'aes128' }),
  ];
  for (const each of tries) await expect(each).rejects.toEqual(refusal('LOGIN_REQUIRED'));
  expect(await dongle.keys.list()).toContainEqual({ key, type: 'secret', application });
});

test.each(modelNames)('the model %s keeps as many keys as it says', async (name) => {
  const { dongle } = await dongleOf(name);
  await login(dongle);
  const { keys: count } = models[name];
  for (let i = 0; i < count; i++)
    await dongle.keys.create({ application, type: 'secret', bytes: 128 });
  const full = refusal('NO_SPACE');
  await expect(dongle.keys.create({ application, type: 'aes128' })).rejects.toEqual(full);
  await expect(dongle.keys.import({ application, material })).rejects.toEqual(full);
  await dongle.keys.delete({ application, key: 0x101 });
  expect(await dongle.keys.import({ application, material })).toEqual({ key: 0x101 });
});

test('a dongle that is full of keys says so before it generates another', async () => {
  const { dongle } = await dongleOf('small', { rsa: stuckEngine });
  await login(dongle);
  for (let i = 0; i < 4; i++) await dongle.keys.create({ application, type: 'aes128' });
  await expect(
    dongle.keys.create({ application, type: 'rsa4096' }, { deadlineMs: 5_000 }),
  ).rejects.toEqual(refusal('NO_SPACE'));
});

test('keys that need no RSA engine do not wait for it', async () => {
  const { dongle: busy, open } = await dongleOf('standard', { rsa: stuckEngine });
  const free = await open();
  const generating = busy.keys.generate({ type: 'rsa2048' });
  const { key } = await free.keys.load(material);
  await free.keys.generate({ type: 'ed25519' });
  await login(free);
  await free.keys.create({ application, type: 'p256' });
  await free.keys.import({ application, material });
  expect((await free.aes.encrypt({ key, mode: 'ecb', data })).length).toBe(16);
  await busy.close();
  await expect(generating).rejects.toEqual(refusal('CLOSED'));
});

test.each([
  ['15 bytes for AES-128', { type: 'aes128', key: new Uint8Array(15) }],
  ['16 bytes for AES-256', { type: 'aes256', key: new Uint8Array(16) }],
  ['no bytes', { type: 'aes128' }],
  ['numbers of RSA beside them', { ...material, exponent: Uint8Array.of(1, 0, 1) }],
] as const)('a key is refused that has %s', async (_, refused) => {
  const { dongle } = await dongleOf();
  await login(dongle);
  await expect(dongle.keys.load(refused)).rejects.toEqual(refusal('KEY_REFUSED'));
  await expect(dongle.keys.import({ application, material: refused })).rejects.toEqual(
    refusal('KEY_REFUSED'),
  );
  expect(await dongle.keys.list()).toEqual([{ key: 1, type: 'aes256' }]);
});

test('HKDF makes the key that it would give out', async () => {
  const { dongle } = await dongleOf();
  const { key } = await dongle.keys.generate({ type: 'secret', bytes: 1 });
  const derivation = { key, hash: 'sha384', salt: data, info: data } as const;
  for (const [type, count] of [
    ['aes128', 16],
    ['aes192', 24],
    ['aes256', 32],
  ] as const) {
    const bytes = await dongle.mac.hkdf({ ...derivation, count });
    const loaded = await dongle.keys.load({ type, key: bytes });
    const derived = await dongle.mac.hkdfKey({ ...derivation, type });
    const cmac = (from: { readonly key: number }) =>
      dongle.mac.compute({ key: from.key, algorithm: 'cmac', data });
    expect(await cmac(derived)).toEqual(await cmac(loaded));
  }
});

test.each([
  ['sha256', 8_160],
  ['sha384', 8_160],
  ['sha512', 8_160],
] as const)('HKDF with %s gives as much as the protocol allows', async (hash, count) => {
  const { port } = await plugDongle();
  await using dongle = await connect(port.source('vendor'), { trust });
  const { key } = await dongle.keys.generate({ type: 'secret' });
  expect((await dongle.mac.hkdf({ key, hash, count })).length).toBe(count);
  expect((await dongle.mac.hkdf({ key, hash, count: 0 })).length).toBe(0);
  await expect(dongle.mac.hkdf({ key, hash, count: count + 1 })).rejects.toEqual(
    refusal('INVALID_ARGUMENT'),
  );
});
