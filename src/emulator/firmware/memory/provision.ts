import { noBytes } from '../../../bytes.ts';
import {
  type Area,
  areas,
  blockBytes,
  type LoginRole,
  lastSystemApplication,
} from '../../../protocol/partitions.ts';
import type { RandomSource } from '../../board/random.ts';
import { done, type Reply, refused } from '../handler.ts';
import { removeKeysOf } from '../keys/index.ts';
import type { Draft, StoreReader } from '../store/draft.ts';
import { wipeBlocks, writeBytes } from './area.ts';
import {
  findPartition,
  freeBlocks,
  freeSlot,
  listPartitions,
  type Partition,
  putRecord,
  removeRecord,
} from './partition.ts';
import { putPassword, removePassword } from './password.ts';

// What a vendor's update does with partitions, and manufacture with the first ones.

/** A partition as its vendor wants it. */
export interface PartitionPlan {
  /** Above the system's. */
  readonly application: number;
  /** Bytes of RAM1, RAM2 and RAM3, in whole blocks. */
  readonly sizes: readonly number[];
  /** 16 bytes each. */
  readonly userPassword: Uint8Array;
  readonly administratorPassword: Uint8Array;
}

/**
 * Makes a partition of zeros, or gives it other sizes and passwords: its areas keep what they hold as
 * far as they still reach.
 */
export function putPartition(
  draft: Draft,
  { memoryBytes }: { readonly memoryBytes: number },
  random: RandomSource,
  vendor: number,
  plan: PartitionPlan,
): Reply<undefined> {
  const { application, sizes, userPassword, administratorPassword } = plan;
  if (application <= lastSystemApplication || sizes.some((size) => size % blockBytes !== 0)) {
    return refused('INVALID_ARGUMENT');
  }
  const before = findPartition(draft, application);
  if (before !== undefined && before.vendor !== vendor) return refused('PARTITION_NOT_FOUND');
  const slot = before?.slot ?? freeSlot(draft);
  if (slot === undefined) return refused('NO_SPACE');
  const counts = areas.map((_, area) => (sizes[area] ?? 0) / blockBytes);
  const kept = counts.map((count, area) => (before?.blocks[area] ?? noBytes).slice(0, count));
  const others = listPartitions(draft).filter((partition) => partition.slot !== slot);
  const free = freeBlocks(memoryBytes, [...others.map(({ blocks }) => blocks), kept]);
  const blocks = kept.map((numbers, area) => {
    const more = free.splice(0, (counts[area] as number) - numbers.length);
    return Uint8Array.of(...numbers, ...more);
  });
  if (blocks.some((numbers, area) => numbers.length !== counts[area])) return refused('NO_SPACE');
  // A block that is cut off here may come back there, and is zeros then too.
  for (const [area, numbers] of (before?.blocks ?? []).entries()) {
    wipeBlocks(draft, numbers.subarray(counts[area]));
  }
  putRecord(draft, { slot, application, vendor, blocks });
  putPassword(draft, random, slot, 'user', userPassword);
  putPassword(draft, random, slot, 'administrator', administratorPassword);
  return done(undefined);
}

/** Removes a partition, its memory, its passwords and its keys. */
export function removePartition(
  draft: Draft,
  vendor: number,
  application: number,
): Reply<undefined> {
  const partition = findPartitionOf(draft, vendor, application);
  if (partition === undefined) return refused('PARTITION_NOT_FOUND');
  const { slot, blocks } = partition;
  for (const numbers of blocks) wipeBlocks(draft, numbers);
  removePassword(draft, slot, 'user');
  removePassword(draft, slot, 'administrator');
  removeKeysOf(draft, application);
  removeRecord(draft, slot);
  return done(undefined);
}

/** Sets a password anew, which unlocks it. */
export function resetPassword(
  draft: Draft,
  random: RandomSource,
  vendor: number,
  reset: {
    readonly application: number;
    readonly role: LoginRole;
    readonly password: Uint8Array;
  },
): Reply<undefined> {
  const partition = findPartitionOf(draft, vendor, reset.application);
  if (partition === undefined) return refused('PARTITION_NOT_FOUND');
  putPassword(draft, random, partition.slot, reset.role, reset.password);
  return done(undefined);
}

/** Writes to an area of a partition. */
export function writeArea(
  draft: Draft,
  vendor: number,
  write: {
    readonly application: number;
    readonly area: Area;
    readonly offset: number;
    readonly data: Uint8Array;
  },
): Reply<undefined> {
  const partition = findPartitionOf(draft, vendor, write.application);
  if (partition === undefined) return refused('PARTITION_NOT_FOUND');
  return writeBytes(draft, partition, write.area, write.offset, write.data);
}

/** The partition of an application that this vendor has made. */
function findPartitionOf(
  store: StoreReader,
  vendor: number,
  application: number,
): Partition | undefined {
  const partition = findPartition(store, application);
  return partition?.vendor === vendor ? partition : undefined;
}
