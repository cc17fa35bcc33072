export { readBytes, writeBytes } from './area.ts';
export { Logins } from './logins.ts';
export { findPartition, freeBlocks, listPartitions, type Partition } from './partition.ts';
export { putPassword, restoreTries, triesLeft, tryPassword } from './password.ts';
export {
  type PartitionPlan,
  putPartition,
  removePartition,
  resetPassword,
  writeArea,
} from './provision.ts';
