import { expect, test } from 'vitest';
import { chainIdOf, openChain } from '../../../src/protocol/certificates/chain.ts';
import { verifyChain } from '../../../src/protocol/certificates/index.ts';
import { openContext, openReceipt, sealUpdates } from '../../../src/protocol/updates/index.ts';
import { testTrust } from '../../support/rig.ts';
import { apply, bootChip, copyOf, receiptOf, stored } from './chip.ts';
import { sample } from './sample.ts';

// Every bit of every file, one at a time: none is taken. The counts are printed.

const trust = await testTrust();

/** Calls with the bytes, one bit of them flipped, for each bit; gives how many there are. */
async function flipEach(
  bytes: Uint8Array,
  check: (flipped: Uint8Array, bit: number) => Promise<void>,
): Promise<number> {
  for (let bit = 0; bit < 8 * bytes.length; bit++) {
    const flipped = bytes.slice();
    flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (0x80 >> (bit & 7));
    await check(flipped, bit);
  }
  return 8 * bytes.length;
}

function tell(what: string, count: number): void {
  console.info(`${what}: ${count} bits flipped, 0 accepted`);
}

test('no bit of an update file can be another one', async () => {
  const { chip, shop, context, updates } = await sample();
  const short = await shop.sign(chip.dongleId, [{ nameVendor: 'Acme' }], updates[0]);
  const file = await shop.seal(await shop.answerTo(context), [short]);
  const [before, { generation }] = [stored(chip), chip.ledger];
  const codes = new Set<string>();
  const count = await flipEach(file, async (flipped, bit) => {
    const outcome = await apply(chip, flipped);
    expect(outcome, `bit ${bit}`).toHaveProperty('refused');
    if ('refused' in outcome) codes.add(outcome.refused);
    expect(chip.ledger.generation, `bit ${bit}`).toBe(generation);
  });
  tell('update file', count);
  expect([...codes].sort()).toEqual([
    'UPDATE_INVALID',
    'UPDATE_OTHER_CONTEXT',
    'UPDATE_OTHER_DONGLE',
  ]);
  expect(stored(chip)).toEqual(before);
  expect(await apply(chip, file)).toMatchObject({ applied: 1 });
});

test('no bit of what its vendor has signed can be another one, whoever seals it anew', async () => {
  const { chip, shop, updates } = await sample();
  const header = shop.push(chip);
  const [, one, two] = updates;
  const { generation } = chip.ledger;
  const refuse = async (issuer: Uint8Array, signed: readonly Uint8Array[]) => {
    const outcome = await apply(chip, await sealUpdates({ header, issuer, updates: signed }));
    expect(['UPDATE_INVALID', 'UPDATE_UNTRUSTED']).toContain(
      'refused' in outcome ? outcome.refused : outcome.applied,
    );
    expect(chip.ledger.generation).toBe(generation);
  };
  const short = await shop.sign(chip.dongleId, [{ nameVendor: 'Acme' }], updates[0]);
  tell(
    'issuer certificate in an update file',
    await flipEach(shop.issuer, (flipped) => refuse(flipped, [short.signed])),
  );
  tell('signed update', await flipEach(short.signed, (flipped) => refuse(shop.issuer, [flipped])));
  const good = await sealUpdates({
    ...{ header, issuer: shop.issuer },
    updates: [one.signed, two.signed],
  });
  expect(await apply(chip, good)).toMatchObject({ applied: 2 });
});

test('no bit of a context can be another one', async () => {
  const { context } = await sample();
  expect((await openContext(context, trust)).ok).toBe(true);
  const count = await flipEach(context, async (flipped, bit) => {
    expect((await openContext(flipped, trust)).ok, `bit ${bit}`).toBe(false);
  });
  tell('context', count);
});

test('no bit of a receipt can be another one', async () => {
  const { chip, file } = await sample();
  await apply(chip, file);
  const receipt = await receiptOf(await bootChip(copyOf(chip.flash)), 1);
  expect((await openReceipt(receipt, trust)).ok).toBe(true);
  const count = await flipEach(receipt, async (flipped, bit) => {
    expect((await openReceipt(flipped, trust)).ok, `bit ${bit}`).toBe(false);
  });
  tell('receipt', count);
});

test('no bit of a dongle’s certificate chain can be another one', async () => {
  const { chip } = await sample();
  const { chain } = chip.manufacture;
  const opened = openChain(chain, chainIdOf(chain));
  if (!opened.ok) throw new Error(opened.detail);
  const { key, serial, model } = opened.value.device.certificate;
  const isGood = async (bytes: Uint8Array) => {
    // The dongle shows itself what it claims to be, so that nothing else refuses the chain.
    const now = openChain(bytes, chainIdOf(bytes));
    const claimed = now.ok ? now.value.device.certificate : { key, serial, model };
    const { ok } = await verifyChain(trust, bytes, {
      ...{ serial: claimed.serial, model: claimed.model },
      ...{ staticKey: claimed.key, chainId: chainIdOf(bytes) },
    });
    return ok;
  };
  expect(await isGood(chain)).toBe(true);
  const count = await flipEach(chain, async (flipped, bit) => {
    expect(await isGood(flipped), `bit ${bit}`).toBe(false);
  });
  tell('certificate chain', count);
});

test('a context is no receipt, and a receipt no context', async () => {
  const { chip, context } = await sample();
  const receipt = await receiptOf(chip, 1);
  const kind = (file: Uint8Array, value: number) => {
    const other = file.slice();
    // a3 01 KIND …
    other[2] = value;
    return other;
  };
  expect((await openReceipt(kind(context, 3), trust)).ok).toBe(false);
  expect((await openContext(kind(receipt, 1), trust)).ok).toBe(false);
  expect((await openContext(kind(receipt, 3), trust)).ok).toBe(false);
});
