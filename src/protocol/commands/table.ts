import { aesBegin, aesDecrypt, aesEncrypt } from './aes.ts';
import type { Command } from './command.ts';
import { describe } from './describe.ts';
import { eccAgree, eccPublicKey, eccSign } from './ecc.ts';
import { echo } from './echo.ts';
import { end } from './end.ts';
import { handOver } from './hand-over.ts';
import { invite } from './invite.ts';
import {
  createKey,
  deleteKey,
  dropKey,
  exportKey,
  generateKey,
  importKey,
  listKeys,
  loadKey,
} from './keys.ts';
import {
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
import { hkdf, hkdfKey, macBegin, macCompute } from './mac.ts';
import {
  listPartitions,
  login,
  logout,
  readMemory,
  setPassword,
  unlockUser,
  writeMemory,
} from './memory.ts';
import { random } from './random.ts';
import { renew } from './renew.ts';
import { rsaDecrypt, rsaPublicKey, rsaSign } from './rsa.ts';
import { streamFinish, streamUpdate } from './streams.ts';
import { certifyTime, offerTime, readTime } from './time.ts';
import { applyUpdate, beginUpdate, makeContext, makeReceipt, writeUpdate } from './updates.ts';
import { wink } from './wink.ts';

/** All commands of the dongle, in the order of their codes. */
export const commandTable: readonly Command[] = [
  echo,
  random,
  wink,
  end,
  renew,
  invite,
  handOver,
  describe,
  aesEncrypt,
  aesDecrypt,
  aesBegin,
  streamUpdate,
  streamFinish,
  macCompute,
  macBegin,
  hkdf,
  hkdfKey,
  generateKey,
  rsaPublicKey,
  rsaSign,
  rsaDecrypt,
  loadKey,
  dropKey,
  createKey,
  importKey,
  deleteKey,
  listKeys,
  exportKey,
  eccPublicKey,
  eccSign,
  eccAgree,
  login,
  logout,
  listPartitions,
  readMemory,
  writeMemory,
  setPassword,
  unlockUser,
  listLicenses,
  checkLicense,
  takeUnits,
  licenseDecrypt,
  licenseEncrypt,
  takeSeat,
  releaseSeat,
  readLicenseData,
  writeUserData,
  listSeats,
  readTime,
  certifyTime,
  offerTime,
  makeContext,
  beginUpdate,
  writeUpdate,
  applyUpdate,
  makeReceipt,
];
