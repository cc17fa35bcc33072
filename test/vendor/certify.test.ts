import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { suite } from '#crypto';
import { fromHex, toHex } from '../../src/bytes.ts';
import {
  chainIdOf,
  createTrustStore,
  issueIssuerCertificate,
  verifyChain,
} from '../../src/protocol/certificates/index.ts';
import { certifyDongle } from '../../src/vendor/certify.ts';
import { Ledger } from '../../src/vendor/ledger.ts';
import { revokeDongles } from '../../src/vendor/revoke.ts';
import { at, sampleDongle } from './sample-updates.ts';

const base = mkdtempSync(join(tmpdir(), 'latchkey-certify-'));
afterAll(() => rmSync(base, { recursive: true }));

let count = 0;
const newFolder = () => join(base, `folder-${count++}`);

const rootKey = await suite.importSigningKey(suite.randomBytes(32));
const key = await suite.importSigningKey(suite.randomBytes(32));
const certificate = await issueIssuerCertificate(rootKey, {
  purpose: 'issue',
  vendors: [7],
  test: false,
  publicKey: key.publicKey,
  name: 'Acme (issue)',
});
const issuer = { vendor: 7, key, certificate };
const root = { name: 'Acme root', publicKey: rootKey.publicKey, test: false, vendors: [7] };

const sample = await sampleDongle('LK-0001');
const data = {
  serial: 'LK-0001',
  model: 'Standard',
  staticKey: `hex:${sample.staticKey}`,
  signingKey: `base64:${Buffer.from(sample.signingKey, 'hex').toString('base64')}`,
  capabilities: ['aes', 'licenses'],
};

const certify = (ledger: Ledger, changes: object = {}) =>
  certifyDongle(ledger, JSON.stringify({ ...data, ...changes }), issuer, at);

/** What a host says to a chain. */
async function judge(chain: Uint8Array, revocations: readonly Uint8Array[] = []) {
  const trust = await createTrustStore({ roots: [root], revocations });
  if (!trust.ok) throw new Error(trust.detail);
  return verifyChain(trust.value, chain, {
    staticKey: fromHex(sample.staticKey),
    serial: 'LK-0001',
    model: 'Standard',
    chainId: chainIdOf(chain),
  });
}

test('a certified dongle is genuine to whoever trusts the root, and in the ledger', async () => {
  await using ledger = await Ledger.open(newFolder());
  const { chain } = await certify(ledger);
  expect(await judge(chain)).toMatchObject({
    ok: true,
    value: { vendor: 7, serial: 'LK-0001', capabilities: ['aes', 'licenses'], minimumProtocol: 1 },
  });
  expect(toHex(ledger.bySerial('LK-0001').staticKey)).toBe(sample.staticKey);
});

test('the same dongle may be certified again', async () => {
  await using ledger = await Ledger.open(newFolder());
  await certify(ledger);
  await certify(ledger, { capabilities: ['aes'] });
  expect(ledger.books).toHaveLength(1);
});

test.each([
  [
    'another key under its serial',
    { staticKey: `hex:${'01'.repeat(32)}` },
    /Another dongle has the serial LK-0001/,
  ],
  ['its keys under another serial', { serial: 'LK-2' }, /Dongle LK-0001 has this key already/],
  [
    'a static key of small order',
    { serial: 'LK-2', staticKey: `hex:${'00'.repeat(32)}` },
    /no X25519 key/,
  ],
  ['a key that is too short', { staticKey: 'hex:00' }, /staticKey has 1 bytes; write 32 bytes/],
  ['a random key', { staticKey: 'random:32' }, /staticKey is random; write the dongle's own/],
  [
    'a capability that there is not',
    { capabilities: ['fly'] },
    /capabilities\[0\] is "fly"; write one of aes, rsa/,
  ],
  ['an unknown word', { modle: 'x' }, /has "modle", which is not known; do you mean "model"/],
  ['an empty serial', { serial: '' }, /serial is ""; write a printable ASCII text/],
])('refuses %s, and the ledger stays', async (_, changes, sentence) => {
  await using ledger = await Ledger.open(newFolder());
  await certify(ledger);
  await expect(certify(ledger, changes)).rejects.toThrow(sentence);
  expect(ledger.books).toHaveLength(1);
});

describe('revocation', () => {
  test('takes a dongle back, and the next list keeps what the last one took', async () => {
    await using ledger = await Ledger.open(newFolder());
    const { chain } = await certify(ledger);
    const folder = newFolder();
    const first = await revokeDongles(folder, rootKey, 7, ['LK-0001']);
    expect(await judge(chain, [first.signed])).toMatchObject({ code: 'CERTIFICATE_REVOKED' });
    const second = await revokeDongles(folder, rootKey, 7, ['LK-0002', 'LK-0001', 'LK-0002']);
    expect(second.list).toMatchObject({
      number: 2,
      dongles: [
        { vendor: 7, serial: 'LK-0001' },
        { vendor: 7, serial: 'LK-0002' },
      ],
    });
    expect(await judge(chain, [second.signed, first.signed])).toMatchObject({
      code: 'CERTIFICATE_REVOKED',
    });
    expect(readdirSync(folder).sort()).toEqual(['1.lkr', '2.lkr']);
  });

  test('goes on after the ninth list', async () => {
    const folder = newFolder();
    for (let i = 1; i <= 11; i++) {
      const { list } = await revokeDongles(folder, rootKey, 7, [`LK-${i}`]);
      expect(list.dongles).toHaveLength(i);
    }
  });

  test('refuses what is revoked already, and a list that was altered', async () => {
    const folder = newFolder();
    const { path, signed } = await revokeDongles(folder, rootKey, 7, ['LK-1']);
    await expect(revokeDongles(folder, rootKey, 7, ['LK-1'])).rejects.toThrow(
      /Revoked already: LK-1/,
    );
    await expect(revokeDongles(folder, rootKey, 7, [''])).rejects.toThrow(/A serial has 1 to 32/);
    signed[signed.length - 1] = (signed.at(-1) as number) ^ 1;
    writeFileSync(path, signed);
    await expect(revokeDongles(folder, rootKey, 7, ['LK-2'])).rejects.toThrow(/1\.lkr is damaged/);
  });
});
