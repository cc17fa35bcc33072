import { expect, test } from 'vitest';
import { suite } from '#crypto';
import type { SigningKey } from '../../../src/crypto/suite.ts';
import { testRootKey } from '../../../src/emulator/manufacture.ts';
import {
  createTrustStore,
  encodeChain,
  issueDeviceCertificate,
  issueIssuerCertificate,
  issueRevocationList,
  type TrustOptions,
  testRoot,
} from '../../../src/protocol/certificates/index.ts';
import type { Context } from '../../../src/protocol/updates/index.ts';
import {
  openContext,
  openReceipt,
  signContext,
  signReceipt,
} from '../../../src/protocol/updates/index.ts';

const key = await signingKey(1);
const staticKey = (await suite.importDhKey(new Uint8Array(32).fill(2))).publicKey;
const serial = 'LK-0001';
const chain = await chainOf(key);
const context: Context = {
  ...{ version: 1, serial, dongle: suite.sha256(staticKey) },
  ...{ oneTimeKey: new Uint8Array(32).fill(3), poweredMs: 7, vendors: [], licenses: [] },
};

function signingKey(fill: number) {
  return suite.importSigningKey(new Uint8Array(32).fill(fill));
}

async function chainOf({ publicKey: signingKeyOfDongle }: SigningKey): Promise<Uint8Array> {
  const issuerKey = await signingKey(4);
  const issuer = await issueIssuerCertificate(await testRootKey(), {
    ...{ purpose: 'issue', vendors: [1], test: true, name: 'issuer' },
    publicKey: issuerKey.publicKey,
  });
  const device = await issueDeviceCertificate(issuerKey, {
    ...{ vendor: 1, serial, model: 'Model', key: staticKey, capabilities: [], minimumProtocol: 1 },
    signingKey: signingKeyOfDongle,
  });
  return encodeChain(issuer, device);
}

async function trustOf(options: Partial<TrustOptions> = {}) {
  const store = await createTrustStore({ roots: [testRoot], allowTest: true, ...options });
  if (!store.ok) throw new Error(store.detail);
  return store.value;
}

test('gives a context back as it was signed, with the certificate of its dongle', async () => {
  const opened = await openContext(await signContext({ key, chain }, context), await trustOf());
  expect(opened).toMatchObject({ ok: true, value: { context, device: { serial, vendor: 1 } } });
});

test.each([
  [
    'another key has signed it',
    async () => signContext({ key: await signingKey(9), chain }, context),
    'UPDATE_UNTRUSTED',
  ],
  [
    'it names another serial',
    () => signContext({ key, chain }, { ...context, serial: 'LK-0002' }),
    'UPDATE_INVALID',
  ],
  [
    'it names another key',
    () => signContext({ key, chain }, { ...context, dongle: new Uint8Array(32) }),
    'UPDATE_INVALID',
  ],
  [
    'its chain is none',
    () => signContext({ key, chain: new Uint8Array(9) }, context),
    'UPDATE_INVALID',
  ],
  ['it is nothing', async () => new Uint8Array(0), 'UPDATE_INVALID'],
])('refuses a context where %s', async (_why, make, code) => {
  const opened = await openContext(await make(), await trustOf());
  expect(opened).toMatchObject({ ok: false, code });
});

test('believes only dongles that the trust store believes', async () => {
  const file = await signContext({ key, chain }, context);
  const revoked = await issueRevocationList(await testRootKey(), {
    ...{ number: 1, issuers: [], dongles: [{ vendor: 1, serial }] },
  });
  for (const [options, code] of [
    [{ allowTest: false }, 'CERTIFICATE_TEST'],
    [{ roots: [] }, 'CERTIFICATE_UNTRUSTED'],
    [{ revocations: [revoked] }, 'CERTIFICATE_REVOKED'],
    [{ pin: { serial: 'LK-0002' } }, 'CERTIFICATE_UNPINNED'],
  ] as const) {
    expect(await openContext(file, await trustOf(options))).toMatchObject({ ok: false, code });
  }
});

test('takes a receipt for no context and a context for no receipt', async () => {
  const { oneTimeKey: _, vendors: __, ...common } = context;
  const state = { vendor: 1, number: 1, last: new Uint8Array(32) };
  const receipt = await signReceipt({ key, chain }, { ...common, state });
  const trust = await trustOf();
  expect(await openReceipt(receipt, trust)).toMatchObject({ ok: true });
  expect(await openContext(receipt, trust)).toMatchObject({ code: 'UPDATE_INVALID' });
  const file = await signContext({ key, chain }, context);
  expect(await openReceipt(file, trust)).toMatchObject({ code: 'UPDATE_INVALID' });
});
