import { noBytes } from '../../../bytes.ts';
import { hashBytes } from '../../../crypto/rsa.ts';
import { hkdf, hkdfKey, macBegin, macCompute } from '../../../protocol/commands/index.ts';
import { aesTypes, type KeyType, keyBytes } from '../../../protocol/keys.ts';
import type { MacAlgorithm, MacHash, MacStream } from '../../board/mac-engine.ts';
import { type CommandContext, coreHandler, done, type Reply, refused } from '../handler.ts';

const secretTypes: readonly KeyType[] = ['secret'];

export const handleMacCompute = coreHandler(macCompute, (context, request) => {
  const key = findKey(context, request);
  if (!key.ok) return key;
  const mac = context.board.mac.begin(request.algorithm, key.value);
  mac.update(request.data);
  return done({ mac: mac.finish() });
});

export const handleMacBegin = coreHandler(macBegin, (context, request) => {
  const key = findKey(context, request);
  if (!key.ok) return key;
  const { board, streams, call } = context;
  const added = streams.add(call.session, () =>
    silent(board.mac.begin(request.algorithm, key.value)),
  );
  return added.ok ? done({ stream: added.value }) : added;
});

export const handleHkdf = coreHandler(hkdf, (context, request) =>
  withSecret(context, request, request.count, (data) => done({ data })),
);

export const handleHkdfKey = coreHandler(hkdfKey, (context, request) => {
  const { type } = request;
  const bytes = derivedBytes[type];
  // The other types are not any random bytes.
  if (bytes === undefined) return refused('INVALID_ARGUMENT');
  return withSecret(context, request, bytes, (key) => {
    const { keys, call } = context;
    const added = keys.add(call.session, { type, key });
    return added.ok ? done({ key: added.value }) : added;
  });
});

/** Bytes of the types of keys that can be derived. */
const { p256: _, ...plainBytes } = keyBytes;
const derivedBytes: Partial<Record<KeyType, number>> = { ...plainBytes, secret: 32 };

interface Derivation {
  readonly key: number;
  readonly hash: MacHash;
  readonly salt?: Uint8Array;
  readonly info?: Uint8Array;
}

function withSecret<Response>(
  { board, keys, call }: CommandContext,
  { key: number, hash, salt = noBytes, info = noBytes }: Derivation,
  count: number,
  take: (bytes: Uint8Array) => Reply<Response>,
): Reply<Response> {
  if (count > 255 * hashBytes[hash]) return refused('INVALID_ARGUMENT');
  const key = keys.find(call.session, number, secretTypes);
  if (!key.ok) return key;
  return take(board.mac.derive(hash, key.value.material.key as Uint8Array, salt, info, count));
}

function findKey(
  { keys, call }: CommandContext,
  { key: number, algorithm }: { readonly key: number; readonly algorithm: MacAlgorithm },
): Reply<Uint8Array> {
  const key = keys.find(call.session, number, algorithm === 'cmac' ? aesTypes : secretTypes);
  return key.ok ? done(key.value.material.key as Uint8Array) : key;
}

/** A MAC as a stream: it gives nothing before its end. */
function silent(mac: MacStream) {
  return {
    update(data: Uint8Array) {
      mac.update(data);
      return noBytes;
    },
    finish: () => mac.finish(),
  };
}
