import { expect, test } from 'vitest';
import {
  findPartition,
  putPartition,
  writeArea,
} from '../../../src/emulator/firmware/memory/index.ts';
import type { Change, StoreKey } from '../../../src/emulator/firmware/store/store.ts';
import { slotKeys, storeKeys } from '../../../src/emulator/firmware/store-keys.ts';
import { type ModelName, modelNames, models, seededRandom } from '../../../src/emulator/index.ts';
import { areas, blockBytes } from '../../../src/protocol/partitions.ts';
import { createRandom, seed } from '../../support/seed.ts';
import { bootChip, type Chip, commit, emptyFlash, plan, vendor } from './chip.ts';

const salts = seededRandom('room');

/** Tables that a model does not promise all slots of. */
function promised(name: ModelName): Partial<Record<keyof typeof slotKeys, number>> {
  const { keys, licenses } = models[name];
  return {
    ...{ key: keys, license: licenses },
    ...{ usedUnits: licenses, licenseUse: licenses, userData: licenses },
  };
}

/** Tables that `fillMemory` fills. */
const memoryTables: readonly string[] = [
  ...['partition', 'memory', 'userPassword', 'administratorPassword'],
  ...['userTries', 'administratorTries'],
];

/** A value of a key, as long as it may be. */
function fill(key: StoreKey, round: number): Change {
  if (key.kind === 'counter') return { key, count: round };
  return { key, value: new Uint8Array(key.maxBytes).fill(round) };
}

/** All other keys. */
function otherKeys(name: ModelName): StoreKey[] {
  const counts: Partial<Record<string, number>> = promised(name);
  const slots = Object.entries(slotKeys).flatMap(([table, keys]) =>
    memoryTables.includes(table) ? [] : keys.slice(0, counts[table]),
  );
  // Every commit writes the time by itself.
  const others = Object.values(storeKeys).filter((key) => key !== storeKeys.poweredTime);
  return [...others, ...slots];
}

/** Gives all the memory to as many partitions as there can be, and fills it. */
function fillMemory(chip: Chip, name: ModelName): number[] {
  const partitions = slotKeys.partition.length;
  const blocks = models[name].memoryBytes / blockBytes;
  const made: number[] = [];
  for (let i = 0; i < partitions; i++) {
    const application = 0xffff - i;
    const count =
      Math.floor(((i + 1) * blocks) / partitions) - Math.floor((i * blocks) / partitions);
    const sizes = areas.map((_, area) => (area === i % 3 ? count * blockBytes : 0));
    commit(chip, (draft) =>
      putPartition(draft, models[name], salts, vendor, plan(sizes, application)),
    );
    made.push(application);
  }
  for (const application of made) writeAll(chip, application, 1);
  return made;
}

/** Writes all of a partition. */
function writeAll(chip: Chip, application: number, value: number): void {
  const partition = findPartition(chip.ledger.store, application);
  for (const [i, area] of areas.entries()) {
    const size = (partition?.blocks[i]?.length ?? 0) * blockBytes;
    for (let offset = 0; offset < size; offset += 4096) {
      const data = new Uint8Array(Math.min(4096, size - offset)).fill(value);
      commit(chip, (draft) => writeArea(draft, vendor, { application, area, offset, data }));
    }
  }
}

test.each(modelNames)(
  `a %s dongle has room for all that its model promises, and for every change of it, SEED=${seed}`,
  (name) => {
    const random = createRandom(seed);
    const flash = emptyFlash(models[name].flash);
    let chip = bootChip(flash);
    const put = (change: Change) =>
      expect(chip.ledger.commit([change]), change.key.name).toBe(true);
    // Whichever comes first: what is promised is there for the last as well.
    const fillOthers = () => {
      for (const key of otherKeys(name)) put(fill(key, 1));
    };
    let applications: number[];
    if (random.below(2) === 0) {
      fillOthers();
      applications = fillMemory(chip, name);
    } else {
      applications = fillMemory(chip, name);
      fillOthers();
    }
    chip = bootChip(flash);
    for (let round = 2; round < 6; round++) {
      for (const key of otherKeys(name)) put(fill(key, round));
      for (const application of applications) writeAll(chip, application, round);
      // Now and then one goes and comes again.
      for (const key of otherKeys(name).filter((each) => each.kind !== 'counter')) {
        if (random.below(3) > 0) continue;
        put({ key, remove: true });
        put(fill(key, round));
      }
      chip = bootChip(flash);
    }
    const more = Array.from({ length: 100 }, (_, i): StoreKey => {
      return { id: 0x8000 + i, name: `more ${i}`, kind: 'value', maxBytes: 4_000 };
    });
    // There is an end to the room, so that what was said above was not said of any number of keys.
    const refusedAt = more.findIndex((key) => !chip.ledger.commit([fill(key, 1)]));
    expect(refusedAt).toBeGreaterThanOrEqual(0);
  },
);

test.each(modelNames)('one partition may have all the memory of a %s dongle', (name) => {
  const { memoryBytes, flash } = models[name];
  for (const area of areas.keys()) {
    const chip = bootChip(emptyFlash(flash));
    const sizes = areas.map((_, i) => (i === area ? memoryBytes : 0));
    commit(chip, (draft) =>
      putPartition(draft, models[name], salts, 0xffff_ffff, plan(sizes, 0xffff)),
    );
    expect(findPartition(chip.ledger.store, 0xffff)?.blocks[area]).toHaveLength(
      memoryBytes / blockBytes,
    );
  }
});
