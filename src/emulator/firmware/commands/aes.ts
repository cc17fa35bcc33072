import { noBytes } from '../../../bytes.ts';
import { aesDecrypt, aesEncrypt, type RequestOf } from '../../../protocol/commands/index.ts';
import { coreHandler, done, refused } from '../handler.ts';
import type { Manufacture } from '../manufacture-block.ts';

const blockBytes = 16;
const gcmIvBytes = 12;

/** Number of the key that the dongle got at manufacture. */
const fixedKey = 1;

type Operation = RequestOf<typeof aesEncrypt>;

export const handleAesEncrypt = coreHandler(aesEncrypt, ({ board, manufacture }, request) => {
  if (!hasValidLengths(request)) return refused('INVALID_ARGUMENT');
  const key = findKey(manufacture, request);
  if (key === undefined) return refused('KEY_NOT_FOUND');
  const { mode, iv, ad = noBytes, data } = request;
  return done({ data: board.aes.encrypt(mode, key, iv, ad, data) });
});

export const handleAesDecrypt = coreHandler(aesDecrypt, ({ board, manufacture }, request) => {
  if (!hasValidLengths(request)) return refused('INVALID_ARGUMENT');
  const key = findKey(manufacture, request);
  if (key === undefined) return refused('KEY_NOT_FOUND');
  const { mode, iv, ad = noBytes, data } = request;
  const plaintext = board.aes.decrypt(mode, key, iv, ad, data);
  return plaintext === undefined ? refused('DECRYPT_FAILED') : done({ data: plaintext });
});

function hasValidLengths({ mode, iv, ad, data }: Operation): boolean {
  if (iv.length !== (mode === 'gcm' ? gcmIvBytes : blockBytes)) return false;
  if (mode !== 'gcm' && ad !== undefined) return false;
  return mode !== 'cbc' || data.length % blockBytes === 0;
}

function findKey(manufacture: Manufacture, { key }: Operation): Uint8Array | undefined {
  return key === fixedKey ? manufacture.aesKey : undefined;
}
