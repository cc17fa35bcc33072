import { aesDecrypt, aesEncrypt } from './aes.ts';
import type { Command } from './command.ts';
import { echo } from './echo.ts';
import { end } from './end.ts';
import { handOver } from './hand-over.ts';
import { invite } from './invite.ts';
import { random } from './random.ts';
import { renew } from './renew.ts';
import { rsaGenerate, rsaPublicKey, rsaSign } from './rsa.ts';
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
  aesEncrypt,
  aesDecrypt,
  rsaGenerate,
  rsaPublicKey,
  rsaSign,
];
