export { checkImport } from './import-check.ts';
export { type ChipKey, KeyTable } from './key-table.ts';
export {
  hasFreeSlot,
  listPrivateKeys,
  privateKeyOwner,
  putPrivateKey,
  readPrivateKey,
  removeKeysOf,
  removePrivateKey,
} from './private-keys.ts';
