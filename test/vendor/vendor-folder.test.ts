import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { suite } from '#crypto';
import { equalBytes, toHex, utf8 } from '../../src/bytes.ts';
import { issuerCertificateSchema } from '../../src/protocol/certificates/certificate.ts';
import { testRoot } from '../../src/protocol/certificates/index.ts';
import { openSign1, verifySign1 } from '../../src/protocol/cose.ts';
import { decode } from '../../src/protocol/schema/index.ts';
import { type Purpose, purposes, VendorFolder } from '../../src/vendor/vendor-folder.ts';

const base = mkdtempSync(join(tmpdir(), 'latchkey-vendor-'));
afterAll(() => rmSync(base, { recursive: true }));

const passphrase = 'a passphrase of these tests';
const acme = { vendor: 7, name: 'Acme', test: false };

const production = await VendorFolder.create(join(base, 'acme'), acme, passphrase);
const trial = await VendorFolder.create(join(base, 'trial'), { ...acme, test: true }, passphrase);

/** What the root says of a purpose, after checking that it did. */
async function certified(folder: VendorFolder, purpose: Purpose) {
  const sign1 = openSign1(await folder.certificate(purpose));
  if (!sign1.ok) throw new Error(sign1.detail);
  expect(await verifySign1(sign1.value, folder.root.publicKey, 'issuerCertificate')).toBe(true);
  const certificate = decode(issuerCertificateSchema, sign1.value.payload);
  if (!certificate.ok) throw new Error(certificate.detail);
  return certificate.value;
}

test.each(purposes)(
  'the %s key is certified by the root, for that and this vendor alone',
  async (purpose) => {
    for (const folder of [production, trial]) {
      const key = await folder.key(purpose, passphrase);
      expect(await certified(folder, purpose)).toEqual({
        version: 1,
        purpose,
        vendors: [7],
        test: folder.names.test,
        publicKey: key.publicKey,
        name: `Acme (${purpose})`,
      });
    }
  },
);

test('every vendor has keys of its own, and its own root unless it is a trial', async () => {
  const keys = await Promise.all(
    [production, trial].flatMap((folder) => purposes.map((each) => folder.key(each, passphrase))),
  );
  expect(new Set(keys.map(({ publicKey }) => toHex(publicKey))).size).toBe(6);
  const root = await production.key('root', passphrase);
  expect(production.root).toEqual({
    name: 'Acme root',
    publicKey: root.publicKey,
    test: false,
    vendors: [7],
  });
  expect(trial.root).toEqual(testRoot);
  expect(readdirSync(join(trial.path, 'keys')).sort()).toEqual([
    'issue.key',
    'time.key',
    'update.key',
  ]);
});

test('the TEST root’s private key is the one that it is known for', async () => {
  const { publicKey, sign } = await trial.key('root', '');
  expect(equalBytes(publicKey, testRoot.publicKey)).toBe(true);
  const signature = await sign(utf8('x'));
  expect(await suite.verifySignature(testRoot.publicKey, utf8('x'), signature)).toBe(true);
});

test('keys and folders are the owner’s alone', () => {
  for (const folder of ['', 'keys', 'certificates', 'ledger', 'revocations']) {
    expect(statSync(join(production.path, folder)).mode & 0o777, folder).toBe(0o700);
  }
  for (const name of readdirSync(join(production.path, 'keys'))) {
    expect(statSync(join(production.path, 'keys', name)).mode & 0o777, name).toBe(0o600);
  }
});

describe('refuses', () => {
  test('to overwrite anything', async () => {
    const before = readdirSync(base);
    await expect(VendorFolder.create(production.path, acme, passphrase)).rejects.toMatchObject({
      code: 'FILE_FAILED',
      message: expect.stringContaining('keys are never overwritten; give another folder'),
    });
    writeFileSync(join(base, 'file'), 'x');
    await expect(VendorFolder.create(join(base, 'file'), acme, passphrase)).rejects.toThrow(
      /never overwritten/,
    );
    mkdirSync(join(base, 'full'));
    writeFileSync(join(base, 'full', 'notes'), 'x');
    await expect(VendorFolder.create(join(base, 'full'), acme, passphrase)).rejects.toThrow(
      /never overwritten/,
    );
    // Nothing half-made stays either.
    expect(readdirSync(base).sort()).toEqual([...before, 'file', 'full'].sort());
  });

  test.each([
    ['a short passphrase', acme, 'seven c', /at least 8 characters/],
    ['a number that is none', { ...acme, vendor: -1 }, passphrase, /number of a vendor/],
    ['an empty name', { ...acme, name: '' }, passphrase, /1 to 48 printable/],
    [
      'a name that certificates cannot show',
      { ...acme, name: 'Ācme' },
      passphrase,
      /printable ASCII/,
    ],
  ])('%s, and makes nothing', async (_, names, words, sentence) => {
    await expect(VendorFolder.create(join(base, 'none'), names, words)).rejects.toThrow(sentence);
    expect(readdirSync(base)).not.toContain('none');
  });

  test('a wrong passphrase', async () => {
    await expect(production.key('update', 'another passphrase')).rejects.toThrow(
      /The passphrase does not open .*update\.key/,
    );
  });

  test('a folder that is no vendor’s', async () => {
    await expect(VendorFolder.open(base)).rejects.toThrow(/Cannot read .*vendor\.json/);
    mkdirSync(join(base, 'odd'));
    writeFileSync(join(base, 'odd', 'vendor.json'), '{"latchkeyVendor":1,"vendor":"7"}');
    writeFileSync(join(base, 'odd', 'root.json'), '{}');
    await expect(VendorFolder.open(join(base, 'odd'))).rejects.toThrow(/not a vendor's folder/);
  });
});
