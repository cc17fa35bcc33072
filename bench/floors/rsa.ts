import { constants, generateKeyPairSync, sign } from 'node:crypto';
import { promisify } from 'node:util';
import { inTurns } from '../harness/in-turns.ts';
import type { Side } from '../harness/measure.ts';

/**
 * RSA-2048 signatures of 32 bytes by PSS with SHA-256: awaited calls of Node's asynchronous `sign`, so many
 * at a time.
 */
export function poolSignatures(signers: 1 | 4): Side {
  const { privateKey: key } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const options = {
    ...{ key, padding: constants.RSA_PKCS1_PSS_PADDING },
    saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
  };
  const message = new Uint8Array(32).fill(0x5a);
  const signOnPool = promisify(sign);
  const each = () => signOnPool('sha256', message, options);
  return { run: (count) => inTurns(new Array<typeof each>(signers).fill(each), count) };
}
