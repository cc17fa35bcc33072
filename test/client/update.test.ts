import { expect, test } from 'vitest';
import { connect } from '../../src/index.ts';
import { maxUpdateBytes, openReceipt } from '../../src/protocol/updates/index.ts';
import { plugDongle, testTrust } from '../support/rig.ts';
import { testUpdate } from '../support/test-update.ts';

const trust = await testTrust();

test.each(['hid', 'vendor'] as const)(
  'an update goes to the dongle and its receipt comes back, by %s',
  async (face) => {
    const { port } = await plugDongle();
    await using dongle = await connect(port.source(face), { trust });
    const file = await testUpdate(dongle);
    const told: string[] = [];
    const { receipt, applied } = await dongle.update.apply(file, {
      onProgress: (sent, total) => told.push(`${sent}/${total}`),
    });
    expect(applied).toBe(1);
    expect(told.at(-1)).toBe(`${file.length}/${file.length}`);
    for (const each of [receipt, await dongle.update.receipt(1)]) {
      expect(await openReceipt(each, trust)).toMatchObject({
        value: { receipt: { state: { vendor: 1, number: 1 } } },
      });
    }
    expect(await dongle.update.apply(file)).toMatchObject({ applied: 0 });
  },
);

test('a file that takes several messages is told of part by part', async () => {
  const { port } = await plugDongle();
  await using dongle = await connect(port.source('hid'), { trust });
  const file = new Uint8Array(maxUpdateBytes + 512).fill(1);
  const told: number[] = [];
  const applying = dongle.update.apply(file, { onProgress: (sent) => told.push(sent) });
  await expect(applying).rejects.toMatchObject({ code: 'UPDATE_INVALID' });
  expect(told.length).toBeGreaterThan(3);
  expect(told).toEqual([...told].sort((a, b) => a - b));
  expect(told.at(-1)).toBe(file.length);
});

test.each([0, maxUpdateBytes + 513])(
  'a file of %i bytes is refused before it is sent',
  async (size) => {
    const { port } = await plugDongle();
    await using dongle = await connect(port.source('hid'), { trust });
    await expect(dongle.update.apply(new Uint8Array(size))).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
  },
);
