import { rsaGenerate, rsaPublicKey, rsaSign } from '../../../protocol/commands/index.ts';
import type { RsaBits } from '../../board/rsa-engine.ts';
import { coreHandler, done, engineHandler, refused } from '../handler.ts';

const lengths: readonly number[] = [2048, 3072, 4096] satisfies readonly RsaBits[];

export const handleRsaGenerate = engineHandler(
  rsaGenerate,
  async ({ board, rsaKeys, call }, { bits }) => {
    if (!lengths.includes(bits)) return refused('INVALID_ARGUMENT');
    if (!rsaKeys.hasRoom) return refused('NO_SPACE');
    const key = await board.rsa.generate(bits as RsaBits);
    // Nobody will hear of the key when its session or the request has gone meanwhile.
    if (!call.pending) return refused('CANCELLED');
    return done({ key: rsaKeys.add(call.session, key) });
  },
);

export const handleRsaPublicKey = coreHandler(rsaPublicKey, ({ rsaKeys, call }, request) => {
  const key = rsaKeys.find(call.session, request.key);
  if (key === undefined) return refused('KEY_NOT_FOUND');
  return done({ modulus: key.modulus, exponent: key.exponent });
});

export const handleRsaSign = engineHandler(rsaSign, async ({ rsaKeys, call }, request) => {
  const key = rsaKeys.find(call.session, request.key);
  if (key === undefined) return refused('KEY_NOT_FOUND');
  return done({ signature: await key.sign(request.scheme, request.hash, request.message) });
});
