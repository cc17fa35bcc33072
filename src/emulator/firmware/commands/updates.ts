import { suite } from '#crypto';
import { equalBytes } from '../../../bytes.ts';
import {
  applyUpdate,
  beginUpdate,
  makeContext,
  makeReceipt,
  writeUpdate,
} from '../../../protocol/commands/index.ts';
import {
  type CommandContext,
  coreHandler,
  done,
  engineHandler,
  type Reply,
  refused,
} from '../handler.ts';
import {
  addContextKey,
  applyUpdates,
  hasStrongKey,
  makeContextFile,
  makeReceiptFile,
  openUpdates,
  readForDongle,
  vendorState,
} from '../updates/index.ts';

export const handleMakeContext = engineHandler(makeContext, async (context) => {
  const { board, ledger, call } = context;
  const privateKey = board.random(32);
  const { publicKey } = await suite.importDhKey(privateKey);
  const file = await makeContextFile(context, publicKey);
  if (!call.pending) return refused('CANCELLED');
  const draft = ledger.draft();
  addContextKey(draft, publicKey, privateKey);
  return ledger.commit(draft.changes) ? done({ file }) : refused('NO_SPACE');
});

export const handleBeginUpdate = coreHandler(beginUpdate, ({ updateBuffer, call }, { size }) =>
  updateBuffer.begin(call.session, size),
);

export const handleWriteUpdate = coreHandler(
  writeUpdate,
  ({ updateBuffer, call }, { offset, data }) => updateBuffer.write(call.session, offset, data),
);

export const handleApplyUpdate = engineHandler(applyUpdate, async (context) => {
  const { updateBuffer, call } = context;
  const file = updateBuffer.take(call.session);
  if (!file.ok) return file;
  try {
    const applied = await apply(context, file.value);
    if (!applied.ok) return applied;
    const receipt = await makeReceiptFile(context, applied.value.vendor);
    return done({ receipt, applied: applied.value.count });
  } finally {
    updateBuffer.release();
  }
});

export const handleMakeReceipt = engineHandler(makeReceipt, async (context, { vendor }) => {
  if (vendorState(context.ledger.store, vendor).number === 0) return refused('INVALID_ARGUMENT');
  return done({ file: await makeReceiptFile(context, vendor) });
});

/** Applies a file, whole or not at all; tells how many of its updates were new. */
async function apply(
  { board, manufacture, dongleId, staticKey, ledger, call }: CommandContext,
  file: Uint8Array,
): Promise<Reply<{ readonly vendor: number; readonly count: number }>> {
  const read = readForDongle(file, dongleId);
  if (!read.ok) return read;
  const { vendor } = read.value.header;
  const fileId = suite.sha256(file);
  const { file: lastFile } = vendorState(ledger.store, vendor);
  // The key of its context has been wiped, so it cannot be read again; nor need it be.
  if (lastFile !== undefined && equalBytes(lastFile, fileId)) return done({ vendor, count: 0 });
  const { root } = manufacture;
  const opened = await openUpdates(read.value, {
    root,
    dongleId,
    staticKey,
    store: ledger.store,
  });
  if (!opened.ok) return opened;
  for (const { update } of opened.value.updates) {
    for (const operation of update.operations) {
      if (!(await hasStrongKey(board.rsa, operation))) return refused('UPDATE_IMPOSSIBLE');
    }
  }
  if (!call.pending) return refused('CANCELLED');
  // From here to the commit nothing waits, so no other command comes between.
  const draft = ledger.draft();
  const applied = applyUpdates(opened.value, { draft, manufacture, random: board.random, fileId });
  if (!applied.ok) return applied;
  if (applied.value > 0 && !ledger.commit(draft.changes)) return refused('UPDATE_IMPOSSIBLE');
  return done({ vendor, count: applied.value });
}
