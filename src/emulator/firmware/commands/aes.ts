import { noBytes } from '../../../bytes.ts';
import { aesBegin, aesDecrypt, aesEncrypt } from '../../../protocol/commands/index.ts';
import { aesTypes } from '../../../protocol/keys.ts';
import type { AesMode, AesSetup } from '../../board/aes-engine.ts';
import { type CommandContext, coreHandler, done, type Reply, refused } from '../handler.ts';

const blockBytes = 16;
const mostGcmIvBytes = 128;

/** What all operations have in common. */
interface Operation {
  readonly key: number;
  readonly mode: AesMode;
  readonly iv: Uint8Array;
  readonly ad?: Uint8Array;
}

export const handleAesEncrypt = coreHandler(aesEncrypt, (context, request) => {
  const setup = setUp(context, request);
  if (!setup.ok) return setup;
  if (!isWhole(request.mode, request.data)) return refused('INVALID_ARGUMENT');
  return done({ data: context.board.aes.encrypt(setup.value, request.data) });
});

export const handleAesDecrypt = coreHandler(aesDecrypt, (context, request) => {
  const setup = setUp(context, request);
  if (!setup.ok) return setup;
  if (!isWhole(request.mode, request.data)) return refused('INVALID_ARGUMENT');
  const plaintext = context.board.aes.decrypt(setup.value, request.data);
  return plaintext === undefined ? refused('DECRYPT_FAILED') : done({ data: plaintext });
});

export const handleAesBegin = coreHandler(aesBegin, (context, request) => {
  const { mode, direction } = request;
  // No plaintext may leave before all of it has been authenticated.
  if (mode === 'gcm' && direction === 'decrypt') return refused('INVALID_ARGUMENT');
  const setup = setUp(context, request);
  if (!setup.ok) return setup;
  const { board, streams, call } = context;
  const added = streams.add(call.session, () => {
    const stream = board.aes.begin(direction, setup.value);
    return {
      update: (data) => (isWhole(mode, data) ? stream.update(data) : undefined),
      finish: () => stream.finish(),
    };
  });
  return added.ok ? done({ stream: added.value }) : added;
});

function setUp({ keys, call }: CommandContext, operation: Operation): Reply<AesSetup> {
  const { mode, iv, ad = noBytes } = operation;
  if (!hasValidIv(mode, iv)) return refused('INVALID_ARGUMENT');
  if (mode !== 'gcm' && operation.ad !== undefined) return refused('INVALID_ARGUMENT');
  const key = keys.find(call.session, operation.key, aesTypes);
  if (!key.ok) return key;
  return done({ mode, key: key.value.material.key as Uint8Array, iv, ad });
}

function hasValidIv(mode: AesMode, { length }: Uint8Array): boolean {
  if (mode === 'gcm') return length >= 1 && length <= mostGcmIvBytes;
  return length === (mode === 'ecb' ? 0 : blockBytes);
}

function isWhole(mode: AesMode, { length }: Uint8Array): boolean {
  return (mode !== 'ecb' && mode !== 'cbc') || length % blockBytes === 0;
}
