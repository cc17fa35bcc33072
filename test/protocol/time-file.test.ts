import { expect, test } from 'vitest';
import { suite } from '#crypto';
import { issueIssuerCertificate } from '../../src/protocol/certificates/index.ts';
import { signSign1 } from '../../src/protocol/cose.ts';
import { encode } from '../../src/protocol/schema/index.ts';
import {
  certifiedTimeSchema,
  fileKinds,
  timeFileSchema,
} from '../../src/protocol/updates/files.ts';
import { openTime, signTime } from '../../src/protocol/updates/index.ts';

const vendor = 7;
const root = await suite.importSigningKey(suite.sha256(new Uint8Array([1])));
const key = await suite.importSigningKey(suite.sha256(new Uint8Array([2])));
const dongle = new Uint8Array(32).fill(3);
const nonce = new Uint8Array(16).fill(4);
const certified = { dongle, nonce, time: 1_767_225_600 };
const reader = { root: root.publicKey, vendor, dongle };

const certify = (change: object = {}) =>
  issueIssuerCertificate(root, {
    ...{ purpose: 'time', vendors: [vendor], test: true, publicKey: key.publicKey, name: 'Clock' },
    ...change,
  });

test('a time file tells what the time key has signed', async () => {
  const file = await signTime(await certify(), key, certified);
  const opened = await openTime(file, reader);
  expect(opened).toEqual({ ok: true, value: { version: 1, ...certified } });
});

test('every bit of a time file counts', async () => {
  const file = await signTime(await certify(), key, certified);
  let accepted = 0;
  for (let bit = 0; bit < 8 * file.length; bit++) {
    const altered = file.slice();
    altered[bit >> 3] = (altered[bit >> 3] as number) ^ (1 << (bit & 7));
    if ((await openTime(altered, reader)).ok) accepted++;
  }
  expect(accepted).toBe(0);
  for (let length = 0; length < file.length; length++) {
    expect((await openTime(file.slice(0, length), reader)).ok).toBe(false);
  }
});

test.each([
  ['of another purpose', { purpose: 'update' }],
  ['of another vendor', { vendors: [8] }],
])('a key %s tells no time', async (_, change) => {
  const file = await signTime(await certify(change), key, certified);
  expect(await openTime(file, reader)).toMatchObject({ ok: false, code: 'UPDATE_UNTRUSTED' });
});

test('neither does a key of another root, nor one that the certificate does not name', async () => {
  const file = await signTime(await certify(), key, certified);
  const elsewhere = await openTime(file, { ...reader, root: key.publicKey });
  expect(elsewhere).toMatchObject({ ok: false, code: 'UPDATE_UNTRUSTED' });
  const forged = await signTime(await certify(), root, certified);
  expect(await openTime(forged, reader)).toMatchObject({ ok: false, code: 'UPDATE_UNTRUSTED' });
});

test('a signature for another purpose is none for the time', async () => {
  const payload = encode(certifiedTimeSchema, { version: 1, ...certified });
  const signed = await signSign1(payload, key, 'receipt');
  const file = encode(timeFileSchema, { kind: fileKinds.time, issuer: await certify(), signed });
  expect(await openTime(file, reader)).toMatchObject({ ok: false, code: 'UPDATE_UNTRUSTED' });
});

test('a file for another dongle is refused', async () => {
  const file = await signTime(await certify(), key, certified);
  const other = { ...reader, dongle: new Uint8Array(32) };
  expect(await openTime(file, other)).toMatchObject({ ok: false, code: 'UPDATE_OTHER_DONGLE' });
});
