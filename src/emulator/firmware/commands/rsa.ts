import { noBytes } from '../../../bytes.ts';
import { hashBytes, signingInput } from '../../../crypto/rsa.ts';
import { exportKey, rsaDecrypt, rsaPublicKey, rsaSign } from '../../../protocol/commands/index.ts';
import { sealExportedKey } from '../../../protocol/exported-key.ts';
import { rsaTypes } from '../../../protocol/keys.ts';
import type { RsaKey } from '../../board/rsa-engine.ts';
import { rsaNumbers } from '../../board/rsa-numbers.ts';
import { hasCapability } from '../capabilities.ts';
import {
  type CommandContext,
  coreHandler,
  done,
  engineHandler,
  type Reply,
  refused,
} from '../handler.ts';
import { type ChipKey, privateKeyOwner } from '../keys/index.ts';

export const handleRsaPublicKey = coreHandler(rsaPublicKey, (context, request) => {
  const key = open(context, request.key);
  return key.ok ? done({ modulus: key.value.modulus, exponent: key.value.exponent }) : key;
});

export const handleRsaSign = engineHandler(rsaSign, async (context, request) => {
  const { scheme, hash, message, digest, saltBytes = hashBytes[request.hash] } = request;
  const input = signingInput(hash, message, digest);
  const takesSalt = scheme === 'pss' || request.saltBytes === undefined;
  if (input === undefined || !takesSalt || saltBytes > hashBytes[hash]) {
    return refused('INVALID_ARGUMENT');
  }
  const key = openOnChip(context, request.key);
  if (!key.ok) return key;
  return done({ signature: await key.value.sign({ scheme, hash, input, saltBytes }) });
});

export const handleRsaDecrypt = engineHandler(rsaDecrypt, async (context, request) => {
  const key = openOnChip(context, request.key);
  if (!key.ok) return key;
  const { hash, maskHash = hash, label = noBytes, ciphertext } = request;
  const data = await key.value.decrypt({ hash, maskHash, label, ciphertext });
  return data === undefined ? refused('DECRYPT_FAILED') : done({ data });
});

/** The driver computes with this key, as the chip cannot: it is sealed to whoever has asked. */
export const handleExportKey = engineHandler(exportKey, async (context, request) => {
  if (!hasCapability(context, 'rsaDriver')) return refused('ON_CHIP_UNAVAILABLE');
  const { board, staticKey, keys, ledger, call } = context;
  const { key: number, application, recipient } = request;
  if (privateKeyOwner(ledger.store, number) !== application) return refused('KEY_NOT_FOUND');
  const key = keys.find(call.session, number, rsaTypes);
  if (!key.ok) return key;
  const numbers = rsaNumbers(key.value.material);
  const sealed = await sealExportedKey(number, numbers, {
    sender: staticKey,
    recipient,
    generateEphemeral: board.generateDhKey,
  });
  return sealed === undefined ? refused('INVALID_ARGUMENT') : done({ sealed });
});

/** Keys that were opened in the engine, for as long as they live. */
const opened = new WeakMap<ChipKey, RsaKey>();

function open({ board, keys, call }: CommandContext, number: number): Reply<RsaKey> {
  const found = keys.find(call.session, number, rsaTypes);
  if (!found.ok) return found;
  const known = opened.get(found.value);
  if (known !== undefined) return done(known);
  const key = board.rsa.open(found.value.material);
  opened.set(found.value, key);
  return done(key);
}

function openOnChip(context: CommandContext, number: number): Reply<RsaKey> {
  const key = open(context, number);
  if (!key.ok) return key;
  return hasCapability(context, 'rsa') ? key : refused('ON_CHIP_UNAVAILABLE');
}
