import {
  createKey,
  deleteKey,
  dropKey,
  generateKey,
  importKey,
  listKeys,
  loadKey,
} from '../../../protocol/commands/index.ts';
import {
  isRsaType,
  type KeyMaterial,
  type KeyType,
  keyBytes,
  rsaBits,
} from '../../../protocol/keys.ts';
import { hasCapability } from '../capabilities.ts';
import {
  type CommandContext,
  coreHandler,
  done,
  engineHandler,
  type Reply,
  refused,
} from '../handler.ts';
import {
  checkImport,
  hasFreeSlot,
  privateKeyOwner,
  putPrivateKey,
  removePrivateKey,
} from '../keys/index.ts';

/** What is to be made. */
interface Making {
  readonly type: KeyType;
  /** Of a secret key alone. */
  readonly bytes?: number;
}

const usualSecretBytes = 32;

export const handleGenerateKey = engineHandler(
  generateKey,
  async (context, request) => {
    if (!context.keys.hasRoom) return refused('NO_SPACE');
    const material = await make(context, request);
    return material.ok ? lend(context, material.value) : material;
  },
  ({ type }) => isRsaType(type),
);

export const handleLoadKey = engineHandler(
  loadKey,
  async (context, { material }) => {
    if (!context.keys.hasRoom) return refused('NO_SPACE');
    if (isRsaType(material.type) && !hasCapability(context, 'rsa')) {
      return refused('ON_CHIP_UNAVAILABLE');
    }
    return (await checkImport(context.board.rsa, material))
      ? lend(context, material)
      : refused('KEY_REFUSED');
  },
  ({ material }) => isRsaType(material.type),
);

export const handleDropKey = coreHandler(dropKey, ({ keys, call }, { key }) =>
  keys.drop(call.session, key),
);

export const handleCreateKey = engineHandler(
  createKey,
  async (context, request) => {
    const { ledger, manufacture } = context;
    if (!hasFreeSlot(ledger.store, manufacture)) return refused('NO_SPACE');
    const material = await make(context, request);
    return material.ok ? keep(context, request.application, material.value) : material;
  },
  ({ type }) => isRsaType(type),
);

export const handleImportKey = engineHandler(
  importKey,
  async (context, { application, material }) =>
    (await checkImport(context.board.rsa, material))
      ? keep(context, application, material)
      : refused('KEY_REFUSED'),
  ({ material }) => isRsaType(material.type),
);

export const handleDeleteKey = coreHandler(deleteKey, ({ ledger }, { application, key }) => {
  if (privateKeyOwner(ledger.store, key) !== application) return refused('KEY_NOT_FOUND');
  const draft = ledger.draft();
  const removed = removePrivateKey(draft, key);
  if (!removed.ok) return removed;
  return ledger.commit(draft.changes) ? done({}) : refused('NO_SPACE');
});

export const handleListKeys = coreHandler(listKeys, ({ keys, call }) =>
  done({ keys: keys.list(call.session) }),
);

/** Keeps a key for as long as the session lives. */
function lend(
  { keys, call }: CommandContext,
  material: KeyMaterial,
): Reply<{ readonly key: number }> {
  // Nobody will hear of the key when its session or the request has gone meanwhile.
  if (!call.pending) return refused('CANCELLED');
  const added = keys.add(call.session, material);
  return added.ok ? done({ key: added.value }) : added;
}

/** Keeps a private key of a partition, to which the session is still logged in. */
function keep(
  { ledger, manufacture, call }: CommandContext,
  application: number,
  material: KeyMaterial,
): Reply<{ readonly key: number }> {
  if (!call.pending) return refused('CANCELLED');
  // The partition or its password may have gone while the engine was at work.
  if (!call.session.logins.allows(application, 'administrator')) return refused('LOGIN_REQUIRED');
  const draft = ledger.draft();
  const put = putPrivateKey(draft, manufacture, application, undefined, material);
  if (!put.ok) return put;
  return ledger.commit(draft.changes) ? done({ key: put.value }) : refused('NO_SPACE');
}

async function make(context: CommandContext, making: Making): Promise<Reply<KeyMaterial>> {
  const { board } = context;
  const { type, bytes = usualSecretBytes } = making;
  if (making.bytes !== undefined && type !== 'secret') return refused('INVALID_ARGUMENT');
  if (isRsaType(type)) {
    if (!hasCapability(context, 'rsa')) return refused('ON_CHIP_UNAVAILABLE');
    return done(await board.rsa.generate(rsaBits[type]));
  }
  if (type === 'secret') {
    return bytes === 0 ? refused('INVALID_ARGUMENT') : done({ type, key: board.random(bytes) });
  }
  // P-256's are a number, and may need another try.
  for (;;) {
    const material: KeyMaterial = { type, key: board.random(keyBytes[type]) };
    if (await checkImport(board.rsa, material)) return done(material);
  }
}
