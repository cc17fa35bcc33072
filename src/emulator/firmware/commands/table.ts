import type { Handler } from '../handler.ts';
import { handleAesBegin, handleAesDecrypt, handleAesEncrypt } from './aes.ts';
import { handleDescribe } from './describe.ts';
import { handleEccAgree, handleEccPublicKey, handleEccSign } from './ecc.ts';
import { handleEcho } from './echo.ts';
import { handleEnd } from './end.ts';
import { handleHandOver } from './hand-over.ts';
import { handleInvite } from './invite.ts';
import {
  handleCreateKey,
  handleDeleteKey,
  handleDropKey,
  handleGenerateKey,
  handleImportKey,
  handleListKeys,
  handleLoadKey,
} from './keys.ts';
import {
  handleCheckLicense,
  handleLicenseDecrypt,
  handleLicenseEncrypt,
  handleListLicenses,
  handleListSeats,
  handleReadLicenseData,
  handleReleaseSeat,
  handleTakeSeat,
  handleTakeUnits,
  handleWriteUserData,
} from './licenses.ts';
import { handleHkdf, handleHkdfKey, handleMacBegin, handleMacCompute } from './mac.ts';
import {
  handleListPartitions,
  handleLogin,
  handleLogout,
  handleReadMemory,
  handleSetPassword,
  handleUnlockUser,
  handleWriteMemory,
} from './memory.ts';
import { handleRandom } from './random.ts';
import { handleRenew } from './renew.ts';
import { handleExportKey, handleRsaDecrypt, handleRsaPublicKey, handleRsaSign } from './rsa.ts';
import { handleStreamFinish, handleStreamUpdate } from './streams.ts';
import { handleCertifyTime, handleOfferTime, handleReadTime } from './time.ts';
import {
  handleApplyUpdate,
  handleBeginUpdate,
  handleMakeContext,
  handleMakeReceipt,
  handleWriteUpdate,
} from './updates.ts';
import { handleWink } from './wink.ts';

/** What the firmware can do. */
export const handlers: readonly Handler[] = [
  handleEcho,
  handleRandom,
  handleWink,
  handleEnd,
  handleRenew,
  handleInvite,
  handleHandOver,
  handleDescribe,
  handleAesEncrypt,
  handleAesDecrypt,
  handleAesBegin,
  handleStreamUpdate,
  handleStreamFinish,
  handleMacCompute,
  handleMacBegin,
  handleHkdf,
  handleHkdfKey,
  handleGenerateKey,
  handleLoadKey,
  handleDropKey,
  handleCreateKey,
  handleImportKey,
  handleDeleteKey,
  handleListKeys,
  handleRsaPublicKey,
  handleRsaSign,
  handleRsaDecrypt,
  handleExportKey,
  handleEccPublicKey,
  handleEccSign,
  handleEccAgree,
  handleLogin,
  handleLogout,
  handleListPartitions,
  handleReadMemory,
  handleWriteMemory,
  handleSetPassword,
  handleUnlockUser,
  handleListLicenses,
  handleCheckLicense,
  handleTakeUnits,
  handleLicenseDecrypt,
  handleLicenseEncrypt,
  handleTakeSeat,
  handleReleaseSeat,
  handleReadLicenseData,
  handleWriteUserData,
  handleListSeats,
  handleReadTime,
  handleCertifyTime,
  handleOfferTime,
  handleMakeContext,
  handleBeginUpdate,
  handleWriteUpdate,
  handleApplyUpdate,
  handleMakeReceipt,
];
