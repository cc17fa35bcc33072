import {
  listPartitions,
  login,
  logout,
  readMemory,
  setPassword,
  unlockUser,
  writeMemory,
} from '../../../protocol/commands/index.ts';
import { areaRules, areas, blockBytes } from '../../../protocol/partitions.ts';
import { coreHandler, done, type Reply, refused } from '../handler.ts';
import type { Ledger } from '../ledger.ts';
import * as memory from '../memory/index.ts';
import type { Draft } from '../store/draft.ts';

export const handleLogin = coreHandler(login, ({ ledger, call }, request) => {
  const { application, role, password } = request;
  const partition = memory.findPartition(ledger.store, application);
  if (partition === undefined) return refused('PARTITION_NOT_FOUND');
  const { logins } = call.session;
  // As in ISO/IEC 7816-4 §7.5.6: who gets it wrong has shown nothing.
  logins.delete(application);
  const tried = memory.tryPassword(ledger, partition.slot, role, password);
  if (!tried.ok) return tried;
  logins.set(application, role);
  return done({});
});

export const handleLogout = coreHandler(logout, ({ call }, { application }) => {
  call.session.logins.delete(application);
  return done({});
});

export const handleListPartitions = coreHandler(listPartitions, ({ ledger, manufacture }) => {
  const { store } = ledger;
  const partitions = memory.listPartitions(store);
  const free = memory.freeBlocks(
    manufacture.memoryBytes,
    partitions.map(({ blocks }) => blocks),
  );
  return done({
    partitions: partitions.map(({ application, vendor, blocks, slot }) => ({
      application,
      vendor,
      sizes: areas.map((_, area) => (blocks[area]?.length ?? 0) * blockBytes),
      userTries: memory.triesLeft(store, slot, 'user'),
      administratorTries: memory.triesLeft(store, slot, 'administrator'),
    })),
    freeBytes: free.length * blockBytes,
  });
});

export const handleReadMemory = coreHandler(readMemory, ({ ledger, call }, request) => {
  const { application, area, offset, count } = request;
  const { logins } = call.session;
  if (!logins.allows(application, areaRules[area].read)) return refused('LOGIN_REQUIRED');
  const partition = memory.findPartition(ledger.store, application);
  if (partition === undefined) return refused('PARTITION_NOT_FOUND');
  const read = memory.readBytes(ledger.store, partition, area, offset, count);
  return read.ok ? done({ data: read.value }) : read;
});

export const handleWriteMemory = coreHandler(writeMemory, ({ ledger, call }, request) => {
  const { application, area, offset, data } = request;
  const { logins } = call.session;
  if (!logins.allows(application, areaRules[area].write)) return refused('LOGIN_REQUIRED');
  return change(ledger, application, (draft, partition) =>
    memory.writeBytes(draft, partition, area, offset, data),
  );
});

export const handleSetPassword = coreHandler(setPassword, ({ ledger, board, call }, request) => {
  const { application, role, password } = request;
  const changed = change(ledger, application, (draft, { slot }) => {
    memory.putPassword(draft, board.random, slot, role, password);
    return done(undefined);
  });
  // Whoever sets the password that it came by need not show it again; all others must.
  if (changed.ok && role === 'administrator') call.session.logins.set(application, role);
  return changed;
});

export const handleUnlockUser = coreHandler(unlockUser, ({ ledger }, { application }) =>
  change(ledger, application, (draft, { slot }) => {
    memory.restoreTries(draft, slot, 'user');
    return done(undefined);
  }),
);

/** Changes a partition, in one commit. */
function change(
  ledger: Ledger,
  application: number,
  work: (draft: Draft, partition: memory.Partition) => Reply<undefined>,
): Reply<Record<never, never>> {
  const draft = ledger.draft();
  const partition = memory.findPartition(draft, application);
  if (partition === undefined) return refused('PARTITION_NOT_FOUND');
  const changed = work(draft, partition);
  if (!changed.ok) return changed;
  return ledger.commit(draft.changes) ? done({}) : refused('NO_SPACE');
}
