import { afterEach, expect, test, vi } from 'vitest';
import { suite } from '#crypto';
import {
  type ChipOperation,
  chipTimeUs,
  demoApplication,
  demoPasswords,
  largeFlash,
  MemoryFlash,
  MeteredFlash,
  type ModelName,
  manufacture,
  modelNames,
  models,
  type PartitionPlan,
  seededRandom,
  VirtualClock,
} from '../../src/emulator/index.ts';
import { connect, type Dongle } from '../../src/index.ts';
import { plugDongle, testTrust } from '../support/rig.ts';
import { createRandom, seed } from '../support/seed.ts';

const trust = await testTrust();
const { user, administrator } = demoPasswords;

afterEach(() => vi.restoreAllMocks());

const planOf = (application: number, sizes: readonly number[]): PartitionPlan => ({
  ...{ application, sizes, userPassword: user, administratorPassword: administrator },
});

/** A dongle with these partitions, and one program that uses it. */
async function dongleWith(
  partitions: readonly PartitionPlan[] | undefined,
  model: ModelName = 'standard',
): Promise<{ dongle: Dongle; again(): Promise<Dongle> }> {
  const flash = new MemoryFlash(models[model].flash);
  await manufacture(flash, seededRandom(`memory ${seed}`), 'LK-MEM', { model, partitions });
  const { port } = await plugDongle({ flash });
  const open = () => connect(port.source('hid'), { trust });
  const again = async () => {
    port.unplug();
    await port.plug();
    return open();
  };
  return { dongle: await open(), again };
}

const place = { application: 200, area: 'ram1', offset: 0 } as const;
const refusal = (code: string) => expect.objectContaining({ code });

test.each(modelNames)('a %s dongle tells what it has, and has a partition to try', async (name) => {
  const { memoryBytes, keys, licenses } = models[name];
  const { dongle } = await dongleWith(undefined, name);
  expect(await dongle.describe()).toEqual({
    ...{ memoryBytes, keys, licenses, blocked: false, firmwareVersion: '0.1.0' },
  });
  expect(await dongle.memory.partitions()).toEqual({
    partitions: [
      {
        ...{ application: demoApplication, vendor: 1, userTries: 10, administratorTries: 10 },
        sizes: { ram1: memoryBytes / 4, ram2: 0, ram3: 0 },
      },
    ],
    freeBytes: (memoryBytes / 4) * 3,
  });
  for (const role of ['user', 'administrator'] as const) {
    await dongle.memory.login({
      application: demoApplication,
      role,
      password: demoPasswords[role],
    });
  }
  await dongle.close();
});

test('a login is to one partition alone', async () => {
  const { dongle } = await dongleWith([planOf(200, [512, 512, 512]), planOf(300, [512, 0, 0])]);
  const { memory } = dongle;
  await memory.login({ application: 300, role: 'administrator', password: administrator });
  await expect(memory.read({ ...place, count: 1 })).rejects.toEqual(refusal('LOGIN_REQUIRED'));
  await expect(memory.unlockUser({ application: 200 })).rejects.toEqual(refusal('LOGIN_REQUIRED'));
  await memory.login({ application: 200, role: 'user', password: user });
  expect(await memory.read({ ...place, count: 1 })).toEqual(Uint8Array.of(0));
  await memory.write({ ...place, application: 300, data: Uint8Array.of(5) });
  expect(await memory.read({ ...place, count: 1 })).toEqual(Uint8Array.of(0));
  await dongle.close();
});

test(`what is written in pieces of any length is read in pieces of any other, SEED=${seed}`, async () => {
  const random = createRandom(seed);
  const { dongle, again } = await dongleWith([planOf(200, [20_480, 24_576, 20_480])]);
  const areas = { ram1: 20_480, ram2: 24_576, ram3: 20_480 } as const;
  const login = (on: Dongle) =>
    on.memory.login({ application: 200, role: 'administrator', password: administrator });
  await login(dongle);
  const wanted = {
    ram1: new Uint8Array(20_480),
    ram2: new Uint8Array(24_576),
    ram3: new Uint8Array(20_480),
  };
  for (let i = 0; i < 40; i++) {
    const area = random.pick(['ram1', 'ram2', 'ram3'] as const);
    const offset = random.below(areas[area]);
    const count = random.below(areas[area] - offset + 1);
    const data = random.below(4) === 0 ? new Uint8Array(count) : random.bytes(count);
    const writing = dongle.memory.write({ application: 200, area, offset, data });
    wanted[area].set(data, offset);
    // The caller's own bytes are its own again at once.
    data.fill(0xee);
    await writing;
    const from = random.below(areas[area]);
    const some = random.below(areas[area] - from);
    expect(await dongle.memory.read({ application: 200, area, offset: from, count: some })).toEqual(
      wanted[area].subarray(from, from + some),
    );
  }
  await dongle.close();
  const later = await again();
  await login(later);
  for (const area of ['ram1', 'ram2', 'ram3'] as const) {
    const all = { application: 200, area, offset: 0, count: areas[area] } as const;
    expect(await later.memory.read(all)).toEqual(wanted[area]);
  }
  await later.close();
});

test.each([
  ['an offset below 0', { offset: -1, count: 1 }],
  ['half a byte', { offset: 0, count: 1.5 }],
  ['no number', { offset: 0, count: Number.NaN }],
  ['more than any memory', { offset: 1, count: 65_536 }],
  ['beyond the area', { offset: 511, count: 2 }],
])('reading %s is refused', async (_, range) => {
  const { dongle } = await dongleWith([planOf(200, [512, 0, 0])]);
  await dongle.memory.login({ application: 200, role: 'user', password: user });
  const read = dongle.memory.read({ ...place, ...range });
  await expect(read).rejects.toEqual(refusal('INVALID_ARGUMENT'));
  expect(await dongle.memory.read({ ...place, offset: 511, count: 1 })).toHaveLength(1);
  await dongle.close();
});

test('reading and writing nothing needs the login all the same', async () => {
  const { dongle } = await dongleWith([planOf(200, [512, 0, 0])]);
  const { memory } = dongle;
  const data = new Uint8Array(0);
  await expect(memory.read({ ...place, count: 0 })).rejects.toEqual(refusal('LOGIN_REQUIRED'));
  await expect(memory.write({ ...place, data })).rejects.toEqual(refusal('LOGIN_REQUIRED'));
  await memory.login({ application: 200, role: 'user', password: user });
  expect(await memory.read({ ...place, count: 0 })).toEqual(data);
  await memory.write({ ...place, data });
  await dongle.close();
});

test('an administrator that is locked cannot unlock itself, and the user is not touched', async () => {
  const { dongle, again } = await dongleWith([planOf(200, [512, 0, 0])]);
  const wrong = { application: 200, role: 'administrator', password: user } as const;
  for (let i = 0; i < 10; i++) {
    await expect(dongle.memory.login(wrong)).rejects.toEqual(refusal('PASSWORD_WRONG'));
  }
  const right = { ...wrong, password: administrator };
  await expect(dongle.memory.login(right)).rejects.toEqual(refusal('PASSWORD_LOCKED'));
  await dongle.close();
  const later = await again();
  await expect(later.memory.login(right)).rejects.toEqual(refusal('PASSWORD_LOCKED'));
  const { partitions } = await later.memory.partitions();
  expect(partitions).toMatchObject([{ userTries: 10, administratorTries: 0 }]);
  await later.memory.login({ application: 200, role: 'user', password: user });
  await later.close();
});

/** All that a login does to the flash and the hash engine, through the whole stack. */
async function traceLogin(password: Uint8Array) {
  const trace: ChipOperation[] = [];
  const { hmacSha256 } = suite;
  const cells = new MemoryFlash(largeFlash);
  await manufacture(cells, seededRandom('a login'), 'LK-MEM');
  const flash = new MeteredFlash(cells, (operation) => trace.push(operation));
  const clock = new VirtualClock();
  const { port } = await plugDongle({ flash, clock, random: seededRandom('board') });
  const opening = connect(port.source('hid'), { trust, clock });
  const dongle = await clock.run(opening);
  trace.length = 0;
  vi.spyOn(suite, 'hmacSha256').mockImplementation((key, data) => {
    trace.push({ kind: 'sha256', blocks: 4 });
    return hmacSha256(key, data);
  });
  const login = dongle.memory.login({ application: demoApplication, role: 'user', password });
  const outcome = await clock.run(login).then(
    () => 'right',
    (error: { code: string }) => error.code,
  );
  vi.restoreAllMocks();
  await clock.run(dongle.close());
  return { outcome, trace, timeUs: trace.reduce((sum, each) => sum + chipTimeUs(each), 0) };
}

test('a login takes the chip as long by a wrong password as by the right one', async () => {
  const right = await traceLogin(user);
  const wrong = await traceLogin(administrator);
  expect([right.outcome, wrong.outcome]).toEqual(['right', 'PASSWORD_WRONG']);
  // Reads take none of the chip’s time, and the session’s login is made of some once it is over.
  const visible = (trace: readonly ChipOperation[]) => trace.filter(({ kind }) => kind !== 'read');
  expect(visible(wrong.trace)).toEqual(visible(right.trace));
  expect(wrong.timeUs).toBe(right.timeUs);
  expect(right.trace.filter(({ kind }) => kind === 'program').length).toBeGreaterThanOrEqual(4);
});
