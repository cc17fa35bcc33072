export { verifyIssuer } from './authority.ts';
export {
  type Context,
  certifiedTimeSchema,
  contextFileSchema,
  fileKinds,
  licenseReportSchema,
  maxUpdateBytes,
  maxUpdates,
  type Receipt,
  receiptFileSchema,
  timeFileSchema,
  type Update,
  updateFileSchema,
  updateHeaderSchema,
  updateSchema,
  updatesSchema,
} from './files.ts';
export {
  type Operation,
  type OperationName,
  operationSchema,
} from './operations.ts';
export {
  noUpdate,
  readUpdateFile,
  sealUpdates,
  signUpdate,
  type UpdateFile,
  type UpdateHeader,
  unsealUpdates,
  updateIdOf,
} from './seal.ts';
export {
  openContext,
  openReceipt,
  signContext,
  signReceipt,
} from './statements.ts';
export { openTime, signTime } from './time-file.ts';
