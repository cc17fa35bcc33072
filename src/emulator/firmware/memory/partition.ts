import { vendorSchema } from '../../../protocol/certificates/index.ts';
import { applicationSchema, areas, blockBytes } from '../../../protocol/partitions.ts';
import { array, bytes, field, type Infer, struct } from '../../../protocol/schema/index.ts';
import { type Draft, putValue, readValue, type StoreReader } from '../store/draft.ts';
import { slotKeys } from '../store-keys.ts';

/** Blocks of the largest model. */
const mostBlocks = slotKeys.memory.length;

const partitionSchema = struct({
  application: field(1, applicationSchema),
  /** Whose update has made it: no other vendor's may change it. */
  vendor: field(2, vendorSchema),
  /** The numbers of the blocks that RAM1, RAM2 and RAM3 are made of, a byte each, in their order. */
  blocks: field(3, array(bytes({ max: mostBlocks }), { min: areas.length, max: areas.length })),
});

/** A part of the memory that is for one application. */
export interface Partition extends Infer<typeof partitionSchema> {
  /** Its place in the tables of the store. */
  readonly slot: number;
}

/** All partitions, in the order of their slots. */
export function listPartitions(store: StoreReader): Partition[] {
  const partitions: Partition[] = [];
  for (const [slot, key] of slotKeys.partition.entries()) {
    const partition = readValue(store, key, partitionSchema);
    if (partition !== undefined) partitions.push({ ...partition, slot });
  }
  return partitions;
}

/** The partition of an application; undefined where it has none. */
export function findPartition(store: StoreReader, application: number): Partition | undefined {
  return listPartitions(store).find((partition) => partition.application === application);
}

/** The first slot without a partition; undefined where there is none. */
export function freeSlot(store: StoreReader): number | undefined {
  const slot = slotKeys.partition.findIndex((key) => store.get(key) === undefined);
  return slot < 0 ? undefined : slot;
}

/** Writes down a partition as it is to be. */
export function putRecord(draft: Draft, { slot, ...partition }: Partition): void {
  putValue(draft, keyOf(slot), partitionSchema, partition);
}

export function removeRecord(draft: Draft, slot: number): void {
  draft.remove(keyOf(slot));
}

function keyOf(slot: number) {
  return slotKeys.partition[slot] as (typeof slotKeys.partition)[number];
}

/** The blocks of a memory of so many bytes that none of these have, lowest number first. */
export function freeBlocks(
  memoryBytes: number,
  taken: readonly (readonly Uint8Array[])[],
): number[] {
  const used = new Set(taken.flatMap((blocks) => blocks.flatMap((numbers) => [...numbers])));
  const all = Array.from({ length: memoryBytes / blockBytes }, (_, number) => number);
  return all.filter((number) => !used.has(number));
}
