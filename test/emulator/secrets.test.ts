import { afterEach, expect, test } from 'vitest';
import { toHex } from '../../src/bytes.ts';
import { readManufactureBlock } from '../../src/emulator/firmware/manufacture-block.ts';
import { demoPasswords } from '../../src/emulator/first-partitions.ts';
import {
  EmulatedDongle,
  LoopbackPort,
  largeFlash,
  MemoryFlash,
  manufacture,
  seededRandom,
} from '../../src/emulator/index.ts';
import { connect, createRuntime, type Dongle, type KeyMaterial } from '../../src/index.ts';
import pool from '../fixtures/rsa-keys.json' with { type: 'json' };
import { SecretSearch } from '../powercut/secret-search.ts';
import { LeakTap } from '../support/leak-tap.ts';
import { testTrust } from '../support/rig.ts';
import { createRandom, seed } from '../support/seed.ts';

const trust = await testTrust();
const application = 100;
const administrator = {
  application,
  role: 'administrator',
  password: demoPasswords.administrator,
} as const;
const license = { vendor: 1, product: 5 };
const marked = seededRandom(`marked ${seed}`);

const taps: LeakTap[] = [];
afterEach(() => {
  for (const tap of taps.splice(0)) tap.stop();
});

/** A dongle full of marked secrets, and all that leaves it. */
async function bug(model: 'standard' | 'driver' = 'standard') {
  const secrets: Record<string, Uint8Array> = {
    'license secret': marked(32),
    'hidden data': marked(64),
    'access code': marked(16),
    'user password': marked(16),
    'administrator password': demoPasswords.administrator,
    'AES key': marked(32),
    'HMAC key': marked(64),
    'P-256 key': marked(32),
    'Ed25519 key': marked(32),
    'X25519 key': marked(32),
    'session key': marked(32),
  };
  const flash = new MemoryFlash(largeFlash);
  await manufacture(flash, seededRandom(seed), 'LK-SECRETS', {
    model,
    licenses: [
      {
        product: license.product,
        units: 9,
        hidden: {
          code: secrets['access code'] as Uint8Array,
          data: secrets['hidden data'] as Uint8Array,
        },
        secret: secrets['license secret'] as Uint8Array,
      },
    ],
  });
  const made = readManufactureBlock(flash);
  if (!made.ok) throw new Error(made.detail);
  const { staticKey, signingKey, aesKey } = made.value;
  const [rsa] = pool.keys.filter(({ bits }) => bits === 2048);
  if (rsa === undefined) throw new Error('no RSA key in the fixtures');
  const text = (word: string) => Uint8Array.from(Buffer.from(word, 'base64url'));
  const rsaKey: KeyMaterial = {
    type: 'rsa2048',
    p: text(rsa.p),
    q: text(rsa.q),
    exponent: text(rsa.e),
  };
  Object.assign(secrets, {
    'static key': staticKey,
    'signing key': signingKey,
    'fixed key': aesKey,
    'RSA prime': rsaKey.p,
    'RSA private exponent': text(rsa.d),
  });
  const tap = new LeakTap();
  taps.push(tap);
  const port = new LoopbackPort(new EmulatedDongle({ flash }));
  await port.plug();
  const runtime = await createRuntime();
  const open = (face: 'hid' | 'vendor') =>
    connect(tap.listenTo(port.source(face)), { trust, runtime });
  return { flash, port, tap, secrets, rsaKey, open };
}

/** The error of a call that must fail. */
async function fails(call: Promise<unknown>): Promise<void> {
  await expect(call).rejects.toHaveProperty('code');
}

/** Everything that a dongle does with its secrets, well and badly. */
async function useAll(dongle: Dongle, secrets: Record<string, Uint8Array>, rsaKey: KeyMaterial) {
  const key = (name: string) => secrets[name] as Uint8Array;
  const data = new Uint8Array(100);
  const materials: KeyMaterial[] = [
    { type: 'aes256', key: key('AES key') },
    { type: 'secret', key: key('HMAC key') },
    { type: 'p256', key: key('P-256 key') },
    { type: 'ed25519', key: key('Ed25519 key') },
    { type: 'x25519', key: key('X25519 key') },
    rsaKey,
  ];
  await dongle.memory.login(administrator);
  const numbers: number[] = [];
  for (const material of materials) {
    numbers.push((await dongle.keys.import({ application, material })).key);
  }
  numbers.push((await dongle.keys.load({ type: 'aes256', key: key('session key') })).key);
  await dongle.keys.list();
  await dongle.memory.setPassword({ application, role: 'user', password: key('user password') });
  for (const number of [...numbers, 1, 0x01ff, 0xffff]) {
    const calls = [
      dongle.aes.encrypt({ key: number, mode: 'ctr', iv: new Uint8Array(16), data }),
      dongle.mac.compute({ key: number, algorithm: 'cmac', data }),
      dongle.mac.compute({ key: number, algorithm: 'hmacSha256', data }),
      dongle.mac.hkdf({ key: number, hash: 'sha256', count: 200 }),
      dongle.rsa.publicKey({ key: number }),
      dongle.rsa.sign({ key: number, scheme: 'pss', hash: 'sha256', message: data }),
      dongle.rsa.decrypt({ key: number, hash: 'sha256', ciphertext: new Uint8Array(256).fill(1) }),
      dongle.ecc.publicKey({ key: number }),
      dongle.ecc.sign({ key: number, message: data }),
      dongle.ecc.sign({ key: number, message: data, hash: 'sha256' }),
      dongle.ecc.agree({ key: number, publicKey: Uint8Array.of(9, ...new Uint8Array(31)) }),
    ];
    await Promise.allSettled(calls);
  }
  await dongle.licenses.list();
  await dongle.licenses.readData(license);
  await fails(dongle.licenses.readData({ ...license, code: new Uint8Array(16) }));
  const { iv, data: sealed } = await dongle.licenses.encrypt({ ...license, data });
  expect(await dongle.licenses.decrypt({ ...license, iv, data: sealed })).toEqual(data);
  await dongle.update.context();
  await fails(dongle.update.apply(new Uint8Array(500)));
  await dongle.memory.partitions();
  await dongle.describe();
  return numbers;
}

test.each(['standard', 'driver'] as const)(
  `no packet and no reply of the %s model holds key material, SEED=${seed}`,
  async (model) => {
    const { tap, secrets, rsaKey, open } = await bug(model);
    for (const face of ['hid', 'vendor'] as const) {
      await using dongle = await open(face);
      for (const key of await useAll(dongle, secrets, rsaKey)) {
        await dongle.keys.delete({ application, key }).catch(() => {});
      }
    }
    expect(tap.packets.length).toBeGreaterThan(200);
    expect(tap.replies.length).toBeGreaterThan(100);
    expect(tap.findLeaks(secrets)).toEqual([]);
  },
);

test('a leak would be found, in replies and in packets', async () => {
  const { tap, secrets, open } = await bug();
  await using dongle = await open('hid');
  const hidden = await dongle.licenses.readData({
    ...license,
    code: secrets['access code'] as Uint8Array,
  });
  expect(hidden.hiddenData).toEqual(secrets['hidden data']);
  expect(tap.findLeaks(secrets)).toEqual(['hidden data']);
  tap.packets.push((secrets['fixed key'] as Uint8Array).slice());
  expect(tap.findLeaks(secrets)).toEqual(['hidden data', 'fixed key']);
});

test(`no reply holds a byte of another session, SEED=${seed}`, async () => {
  const { port } = await bug();
  const runtime = await createRuntime();
  const random = createRandom(seed);
  const ends = [];
  for (let i = 0; i < 4; i++) {
    const dongle = await connect(port.source('hid'), { trust, runtime });
    ends.push({ dongle, marker: marked(16) });
  }
  const answers: { readonly from: number; readonly bytes: Uint8Array }[] = [];
  await Promise.all(
    ends.map(async ({ dongle, marker }, from) => {
      for (let i = 0; i < 60; i++) {
        const length = random.below(2000);
        const data = Uint8Array.from({ length }, (_, at) => marker[at % 16] as number);
        answers.push({ from, bytes: await dongle.echo(data) });
        answers.push({ from, bytes: await dongle.random(random.below(2000)) });
        const refused = dongle.aes.encrypt({ key: 7, mode: 'ctr', data });
        await refused.catch(() => {});
      }
    }),
  );
  for (const [owner, { marker }] of ends.entries()) {
    const search = new SecretSearch([toHex(marker)]);
    for (const { from, bytes } of answers) {
      if (from !== owner) expect(search.findIn(bytes)).toBeUndefined();
    }
  }
  for (const { dongle } of ends) await dongle.close();
});

test(`the padding of the last packet of each message is zeros, SEED=${seed}`, async () => {
  const { tap, open } = await bug();
  await using dongle = await open('hid');
  tap.packets.length = 0;
  await dongle.echo(new Uint8Array(3000).fill(0x5a));
  await dongle.echo(Uint8Array.of(1));
  // One init packet of 64 bytes: channel, command, length, then the record, then nothing.
  const last = tap.packets.at(-1) as Uint8Array;
  const length = ((last[5] as number) << 8) | (last[6] as number);
  expect(length).toBeLessThan(57);
  expect(last.subarray(7 + length).every((byte) => byte === 0)).toBe(true);
});

test(`what is deleted is gone from the flash, SEED=${seed}`, async () => {
  const { flash, secrets, rsaKey, open } = await bug();
  await using dongle = await open('vendor');
  const numbers = await useAll(dongle, secrets, rsaKey);
  const stored = ['AES key', 'HMAC key', 'P-256 key', 'Ed25519 key', 'X25519 key', 'RSA prime'];
  const image = () => flash.read(0, flash.pageBytes * flash.pageCount);
  const isThere = (name: string) =>
    new SecretSearch([toHex(secrets[name] as Uint8Array)]).findIn(image()) !== undefined;
  expect(stored.filter(isThere)).toEqual(stored);
  // Passwords and session keys never are.
  expect(['user password', 'session key'].filter(isThere)).toEqual([]);
  for (const key of numbers) await dongle.keys.delete({ application, key }).catch(() => {});
  expect(stored.filter(isThere)).toEqual([]);
});
