import { type Area, areas, blockBytes } from '../../../protocol/partitions.ts';
import { done, type Reply, refused } from '../handler.ts';
import type { Draft, StoreReader } from '../store/draft.ts';
import { slotKeys } from '../store-keys.ts';
import type { Partition } from './partition.ts';

/** A part of an area that lies within one block. */
interface Stretch {
  readonly block: number;
  /** Where in the block it begins. */
  readonly at: number;
  /** Where in what is read or written it begins, and where it ends. */
  readonly from: number;
  readonly to: number;
}

/** Reads bytes of an area; all must lie within it. */
export function readBytes(
  store: StoreReader,
  partition: Partition,
  area: Area,
  offset: number,
  count: number,
): Reply<Uint8Array> {
  const found = stretches(partition, area, offset, count);
  if (found === undefined) return refused('INVALID_ARGUMENT');
  const data = new Uint8Array(count);
  for (const { block, at, from, to } of found) {
    data.set(readBlock(store, block).subarray(at, at + to - from), from);
  }
  return done(data);
}

/** Writes bytes to an area; all must lie within it. A block that becomes zeros is not stored any more. */
export function writeBytes(
  draft: Draft,
  partition: Partition,
  area: Area,
  offset: number,
  data: Uint8Array,
): Reply<undefined> {
  const found = stretches(partition, area, offset, data.length);
  if (found === undefined) return refused('INVALID_ARGUMENT');
  for (const { block, at, from, to } of found) {
    const content = readBlock(draft, block);
    content.set(data.subarray(from, to), at);
    if (content.some((byte) => byte !== 0)) draft.put(keyOf(block), content);
    else draft.remove(keyOf(block));
  }
  return done(undefined);
}

/** Makes zeros of blocks. */
export function wipeBlocks(draft: Draft, blocks: Uint8Array): void {
  for (const block of blocks) draft.remove(keyOf(block));
}

/** A copy of a block. */
function readBlock(store: StoreReader, block: number): Uint8Array {
  return store.get(keyOf(block))?.slice() ?? new Uint8Array(blockBytes);
}

function keyOf(block: number) {
  return slotKeys.memory[block] as (typeof slotKeys.memory)[number];
}

/** Where `count` bytes of an area lie; undefined where they reach beyond it. */
function stretches(
  { blocks }: Partition,
  area: Area,
  offset: number,
  count: number,
): Stretch[] | undefined {
  const numbers = blocks[areas.indexOf(area)] as Uint8Array;
  if (offset + count > numbers.length * blockBytes) return undefined;
  const found: Stretch[] = [];
  for (let from = 0; from < count; ) {
    const at = (offset + from) % blockBytes;
    const block = numbers[Math.floor((offset + from) / blockBytes)] as number;
    const to = Math.min(count, from + blockBytes - at);
    found.push({ block, at, from, to });
    from = to;
  }
  return found;
}
