import type { Handler } from '../handler.ts';
import { handleAesDecrypt, handleAesEncrypt } from './aes.ts';
import { handleEcho } from './echo.ts';
import { handleEnd } from './end.ts';
import { handleHandOver } from './hand-over.ts';
import { handleInvite } from './invite.ts';
import { handleRandom } from './random.ts';
import { handleRenew } from './renew.ts';
import { handleRsaGenerate, handleRsaPublicKey, handleRsaSign } from './rsa.ts';
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
  handleAesEncrypt,
  handleAesDecrypt,
  handleRsaGenerate,
  handleRsaPublicKey,
  handleRsaSign,
];
