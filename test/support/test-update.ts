import { suite } from '#crypto';
import { testRootKey } from '../../src/emulator/manufacture.ts';
import type { Dongle } from '../../src/index.ts';
import { issueIssuerCertificate } from '../../src/protocol/certificates/index.ts';
import { openContext, sealUpdates, signUpdate } from '../../src/protocol/updates/index.ts';
import { testTrust } from './rig.ts';

/** The first update of vendor 1 for a dongle, as the answer to a context of it. */
export async function testUpdate({ update }: Pick<Dongle, 'update'>): Promise<Uint8Array> {
  const opened = await openContext(await update.context(), await testTrust());
  if (!opened.ok) throw new Error(opened.detail);
  const { dongle, oneTimeKey: recipient } = opened.value.context;
  const key = await suite.importSigningKey(new Uint8Array(32).fill(3));
  const vendor = 1;
  const issuer = await issueIssuerCertificate(await testRootKey(), {
    ...{ purpose: 'update', vendors: [vendor], test: true },
    ...{ publicKey: key.publicKey, name: 'TEST updates' },
  });
  const signed = await signUpdate(key, {
    ...{ version: 1, vendor, dongle, number: 1, previous: new Uint8Array(32) },
    ...{ issuedAt: 1_767_225_600, operations: [{ nameVendor: 'Acme' }] },
  });
  const header = { kind: 2, vendor, dongle, answers: 'context', recipient } as const;
  return sealUpdates({ header, issuer, updates: [signed] });
}
