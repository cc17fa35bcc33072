import { Ledger } from '../../../src/emulator/firmware/ledger.ts';
import { putPartition } from '../../../src/emulator/firmware/memory/index.ts';
import { Power } from '../../../src/emulator/firmware/power.ts';
import type { Draft } from '../../../src/emulator/firmware/store/draft.ts';
import { Store } from '../../../src/emulator/firmware/store/store.ts';
import {
  type Flash,
  type FlashGeometry,
  MemoryFlash,
  seededRandom,
  VirtualClock,
} from '../../../src/emulator/index.ts';

/** The vendor of the partitions here. */
export const vendor = 7;

/** The application of the partition that a chip here has from the beginning. */
export const application = 100;

/** Its passwords, and one that neither is. */
export const passwords = {
  user: new Uint8Array(16).fill(1),
  administrator: new Uint8Array(16).fill(2),
};
export const wrongPassword = new Uint8Array(16).fill(3);

const random = seededRandom('salts');

/** The part of a chip that keeps things. */
export interface Chip {
  readonly ledger: Ledger;
  readonly power: Power;
}

/** Boots a chip on flash that has a store. */
export function bootChip(flash: Flash, clock = new VirtualClock()): Chip {
  const store = Store.open(flash);
  if (!store.ok) throw new Error(store.detail);
  const power = new Power(clock);
  return { ledger: new Ledger(store.value, power), power };
}

/** Erased flash with an empty store. */
export function emptyFlash(geometry: FlashGeometry): MemoryFlash {
  const flash = new MemoryFlash(geometry, { enduranceErases: 1_000_000 });
  Store.format(flash);
  return flash;
}

/** Commits what `work` drafts, and throws where it is refused. */
export function commit<Value>(
  { ledger }: Chip,
  work: (draft: Draft) => { ok: true; value: Value } | { ok: false; code: string },
): Value {
  const draft = ledger.draft();
  const reply = work(draft);
  if (!reply.ok) throw new Error(reply.code);
  if (!ledger.commit(draft.changes)) throw new Error('not committed');
  return reply.value;
}

/** Flash with a store that has one partition, with these sizes. */
export function flashWithPartition(
  geometry: FlashGeometry,
  sizes: readonly number[] = [0, 0, 0],
): MemoryFlash {
  const flash = emptyFlash(geometry);
  commit(bootChip(flash), (draft) =>
    putPartition(draft, { memoryBytes: 65_536 }, random, vendor, plan(sizes)),
  );
  return flash;
}

/** The partition of `application` with these sizes. */
export function plan(sizes: readonly number[], of = application) {
  return {
    application: of,
    sizes,
    userPassword: passwords.user,
    administratorPassword: passwords.administrator,
  };
}
