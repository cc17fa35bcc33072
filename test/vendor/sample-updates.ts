import { suite } from '#crypto';
import { toHex, utf8 } from '../../src/bytes.ts';
import { signSign1 } from '../../src/protocol/cose.ts';
import { encode } from '../../src/protocol/schema/index.ts';
import { type Operation, type Update, updateSchema } from '../../src/protocol/updates/index.ts';
import type { DongleEntry, LedgerEntry } from '../../src/vendor/ledger-entries.ts';

/** The vendor of these samples. */
const sampleVendor = 7;

export const at = '2026-11-22T12:00:00.000Z';

/** A dongle whose keys follow from its serial. */
export async function sampleDongle(serial: string): Promise<DongleEntry> {
  const { publicKey } = await suite.importDhKey(suite.sha256(utf8(serial)));
  const { publicKey: signingKey } = await suite.importSigningKey(suite.sha256(utf8(serial)));
  return {
    kind: 'dongle',
    serial,
    vendor: 1,
    model: 'Sample',
    staticKey: toHex(publicKey),
    signingKey: toHex(signingKey),
  };
}

/** An update as it stands in the ledger. */
export async function sampleUpdate(
  dongle: Uint8Array,
  number: number,
  previous: Uint8Array,
  operations: readonly Operation[] = [{ nameVendor: `Acme ${number}` }],
): Promise<LedgerEntry & { readonly kind: 'update' }> {
  const update: Update = {
    version: 1,
    vendor: sampleVendor,
    dongle,
    number,
    previous,
    issuedAt: 1_800_000_000,
    operations,
  };
  const payload = encode(updateSchema, update);
  const key = await suite.importSigningKey(suite.sha256(utf8('sample update key')));
  const signed = await signSign1(payload, key, 'update');
  return {
    at,
    kind: 'update',
    number,
    id: toHex(suite.sha256(payload)),
    plan: [],
    moves: [],
    arrivals: [],
    signed: Buffer.from(signed).toString('base64'),
  };
}
