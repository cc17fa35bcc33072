import { expect, test } from 'vitest';
import { suite } from '#crypto';
import { commandStatus, decodeResponse } from '../../../src/protocol/commands/index.ts';
import { createRandom, long, seed } from '../../support/seed.ts';
import { apply, bootChip, contextOf, copyOf, newFlash, stored } from './chip.ts';
import {
  type Mutation,
  plainMutations,
  type Stock,
  sealedMutations,
  strangers,
} from './mutations.ts';
import { anyRequest, quickRsa } from './requests.ts';
import { sample } from './sample.ts';
import { Shop } from './shop.ts';

// A million in all in the long run; a fifth of it with every other.
const files = long ? 600_000 : 70_000;
const requests = long ? 400_000 : 130_000;
const timeout = 3_600_000;

async function makeStock(): Promise<Stock> {
  const chip = await bootChip(await newFlash());
  const shop = await Shop.open();
  const had = await shop.sign(chip.dongleId, [{ nameVendor: 'Acme' }]);
  const begun = await apply(chip, await shop.seal(shop.push(chip), [had]));
  if ('refused' in begun) throw new Error(begun.refused);
  const one = await shop.sign(chip.dongleId, [{ putLicense: { product: 1, units: 3 } }], had);
  const two = await shop.sign(chip.dongleId, [{ addUnits: { product: 1, units: 2 } }], one);
  const headers = [await shop.answerTo(await contextOf(chip)), shop.push(chip)] as const;
  return {
    ...{ chip, shop, had, next: [one, two], headers, strangers: await strangers() },
    files: [await shop.seal(headers[0], [one, two]), await shop.seal(headers[1], [one, two])],
    strangeKey: await suite.importSigningKey(new Uint8Array(32).fill(9)),
  };
}

test(`of ${files} mutated update files none is accepted, SEED=${seed}`, { timeout }, async () => {
  const random = createRandom(seed);
  const stock = await makeStock();
  const { chip } = stock;
  const { generation } = chip.ledger;
  const before = stored(chip);
  const codes: Record<string, number> = {};
  const [plain, sealed] = [Object.entries(plainMutations), Object.entries(sealedMutations)];
  const reached = new Map<string, Set<string>>();
  for (let i = 0; i < files; i++) {
    const [name, mutation]: [string, Mutation] = random.pick(
      random.below(40) === 0 ? sealed : plain,
    );
    const file = await mutation(stock, random);
    const outcome = await apply(chip, file);
    if (!('refused' in outcome) || chip.ledger.generation !== generation) {
      throw new Error(`mutation ${i} (${name}) was accepted, SEED=${seed}`);
    }
    codes[outcome.refused] = (codes[outcome.refused] ?? 0) + 1;
    reached.set(name, (reached.get(name) ?? new Set()).add(outcome.refused));
    if (i % 20_000 === 0) {
      const replica = await bootChip(copyOf(chip.flash));
      expect(await apply(replica, random.pick(stock.files))).toMatchObject({ applied: 2 });
    }
  }
  console.info(`${files} files, 0 accepted, SEED=${seed}: ${JSON.stringify(codes)}`);
  expect(codes['DEVICE_FAULT']).toBeUndefined();
  expect(stored(chip)).toEqual(before);
  expect(Object.keys(codes).sort()).toEqual([
    'INVALID_ARGUMENT',
    'UPDATE_FORKED',
    'UPDATE_GAP',
    'UPDATE_IMPOSSIBLE',
    'UPDATE_INVALID',
    'UPDATE_OTHER_CONTEXT',
    'UPDATE_OTHER_DONGLE',
    'UPDATE_UNTRUSTED',
  ]);
  expect([...(reached.get('impossible') ?? [])]).toEqual(['UPDATE_IMPOSSIBLE']);
  expect([...(reached.get('forked') ?? [])]).toEqual(['UPDATE_FORKED']);
  expect(await apply(chip, stock.files[0])).toMatchObject({ applied: 2 });
});

test(`${requests} requests of every command, good and spoiled, apply nothing and crash nothing, SEED=${seed}`, {
  timeout,
}, async () => {
  const random = createRandom(seed);
  const { chip: begun, shop, updates } = await sample();
  const chip = await bootChip(begun.flash, { rsa: quickRsa() });
  const seen = new Map<string, { ok: number; refused: number }>();
  let session = chip.session;
  const before = stored(chip)['vendor 0'];
  for (let i = 0; i < requests; i++) {
    const { command, plaintext } = anyRequest(random);
    const reply = await chip.give(plaintext, session).reply;
    const where = () => `request ${i}, ${Buffer.from(plaintext).toString('hex')}, SEED=${seed}`;
    if (reply[0] === commandStatus.DEVICE_FAULT) throw new Error(`a fault: ${where()}`);
    if (command !== undefined) {
      const decoded = decodeResponse(command, reply);
      if (!decoded.ok && decoded.code === 'PROTOCOL') throw new Error(`no reply: ${where()}`);
      const count = seen.get(command.name) ?? { ok: 0, refused: 0 };
      count[decoded.ok ? 'ok' : 'refused']++;
      seen.set(command.name, count);
    }
    if (random.below(100) === 0) {
      chip.endSession(session);
      session = chip.anotherSession();
    }
  }
  const succeeded = [...seen].filter(([, { ok }]) => ok > 0).map(([name]) => name);
  console.info(
    `${requests} requests of ${seen.size} commands, ${succeeded.length} of which succeeded at times, ` +
      `0 faults, SEED=${seed}`,
  );
  expect(stored(chip)['vendor 0']).toBe(before);
  expect(seen.get('applyUpdate')?.ok).toBe(0);
  expect(succeeded.length).toBeGreaterThan(25);
  const file = await shop.seal(shop.push(chip), updates);
  chip.endSession(session);
  expect(await apply(chip, file)).toMatchObject({ applied: 2 });
});
