import { signingInput } from '../../../crypto/rsa.ts';
import { eccAgree, eccPublicKey, eccSign } from '../../../protocol/commands/index.ts';
import { coreHandler, done, refused } from '../handler.ts';

export const handleEccPublicKey = coreHandler(eccPublicKey, ({ board, keys, call }, request) => {
  const key = keys.find(call.session, request.key, ['p256', 'ed25519', 'x25519']);
  if (!key.ok) return key;
  const privateKey = key.value.material.key as Uint8Array;
  switch (key.value.type) {
    case 'p256':
      return done({ publicKey: board.ecc.p256PublicKey(privateKey) });
    case 'ed25519':
      return done({ publicKey: board.ecc.ed25519PublicKey(privateKey) });
    default:
      return done({ publicKey: board.ecc.x25519PublicKey(privateKey) });
  }
});

export const handleEccSign = coreHandler(eccSign, ({ board, keys, call }, request) => {
  const key = keys.find(call.session, request.key, ['p256', 'ed25519']);
  if (!key.ok) return key;
  const privateKey = key.value.material.key as Uint8Array;
  const { hash, message, digest } = request;
  if (key.value.type === 'ed25519') {
    // Ed25519 hashes twice, so it takes the message itself (RFC 8032 §8.5).
    if (hash !== undefined || digest !== undefined || message === undefined) {
      return refused('INVALID_ARGUMENT');
    }
    return done({ signature: board.ecc.signEd25519(privateKey, message) });
  }
  const input = hash && signingInput(hash, message, digest);
  if (hash === undefined || input === undefined) return refused('INVALID_ARGUMENT');
  return done({ signature: board.ecc.signP256(privateKey, hash, input) });
});

export const handleEccAgree = coreHandler(eccAgree, ({ board, keys, call }, request) => {
  const key = keys.find(call.session, request.key, ['x25519']);
  if (!key.ok) return key;
  const secret = board.ecc.agreeX25519(key.value.material.key as Uint8Array, request.publicKey);
  return secret === undefined ? refused('INVALID_ARGUMENT') : done({ secret });
});
