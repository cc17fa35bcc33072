import { expect, test } from 'vitest';
import {
  MemoryFlash,
  type ModelName,
  manufacture,
  models,
  type PartitionPlan,
  seededRandom,
} from '../../src/emulator/index.ts';

const password = new Uint8Array(16);
const plan: PartitionPlan = {
  ...{ application: 100, sizes: [512, 0, 0] },
  ...{ userPassword: password, administratorPassword: password },
};

async function make(partitions: readonly PartitionPlan[], model: ModelName = 'standard') {
  const flash = new MemoryFlash(models[model].flash);
  const made = await manufacture(flash, seededRandom('first'), 'LK', { model, partitions }).then(
    () => 'made',
    (error: { code: string }) => error.code,
  );
  const isErased = flash.read(0, flash.pageBytes * flash.pageCount).every((byte) => byte === 0xff);
  return { made, isErased };
}

test.each<[string, Partial<PartitionPlan>]>([
  ['one of the system’s applications', { application: 5 }],
  ['an application that there is not', { application: 65_536 }],
  ['a size of half a block', { sizes: [256, 0, 0] }],
  ['a size below 0', { sizes: [-512, 0, 0] }],
  ['two sizes', { sizes: [512, 0] }],
  ['a password of 15 bytes', { userPassword: new Uint8Array(15) }],
])('a dongle is not made with %s, and the flash is left alone', async (_, change) => {
  expect(await make([{ ...plan, ...change }])).toEqual({
    made: 'INVALID_ARGUMENT',
    isErased: true,
  });
});

test('a dongle is not made with more memory than its model has', async () => {
  const all = { ...plan, sizes: [4096, 0, 0] };
  expect(await make([all], 'small')).toEqual({ made: 'made', isErased: false });
  const more = { ...plan, application: 101, sizes: [0, 0, 512] };
  expect(await make([all, more], 'small')).toEqual({ made: 'NO_SPACE', isErased: true });
});

test('a dongle may be made without partitions', async () => {
  expect((await make([])).made).toBe('made');
});
