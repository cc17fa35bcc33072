export { aesBegin, aesDecrypt, aesEncrypt } from './aes.ts';
export type { Command, Needs, Reach, RequestOf, ResponseOf } from './command.ts';
export { describe } from './describe.ts';
export { eccAgree, eccPublicKey, eccSign } from './ecc.ts';
export { echo } from './echo.ts';
export { end } from './end.ts';
export {
  type DecodedResponse,
  decodeRequest,
  decodeResponse,
  encodeFailure,
  encodeRequest,
  encodeResponse,
} from './envelope.ts';
export { handOver } from './hand-over.ts';
export { invite } from './invite.ts';
export {
  createKey,
  deleteKey,
  dropKey,
  exportKey,
  generateKey,
  importKey,
  listKeys,
  loadKey,
} from './keys.ts';
export {
  checkLicense,
  licenseDecrypt,
  licenseEncrypt,
  listLicenses,
  listSeats,
  readLicenseData,
  releaseSeat,
  takeSeat,
  takeUnits,
  writeUserData,
} from './licenses.ts';
export { hkdf, hkdfKey, macBegin, macCompute } from './mac.ts';
export {
  listPartitions,
  login,
  logout,
  maxWriteBytes,
  readMemory,
  setPassword,
  unlockUser,
  writeMemory,
} from './memory.ts';
export { random } from './random.ts';
export { renew } from './renew.ts';
export { rsaDecrypt, rsaPublicKey, rsaSign } from './rsa.ts';
export { type CommandFailure, commandStatus } from './status.ts';
export { streamFinish, streamUpdate } from './streams.ts';
export { commandTable } from './table.ts';
export { certifyTime, offerTime, readTime } from './time.ts';
export { applyUpdate, beginUpdate, makeContext, makeReceipt, writeUpdate } from './updates.ts';
export { wink } from './wink.ts';
