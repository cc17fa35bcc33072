import { describe } from '../../../protocol/commands/index.ts';
import { isBlocked } from '../blocked.ts';
import { coreHandler, done } from '../handler.ts';
import { firmwareVersion } from '../version.ts';

export const handleDescribe = coreHandler(describe, ({ manufacture, ledger }) => {
  const { memoryBytes, keys, licenses } = manufacture;
  const blocked = isBlocked(ledger.store);
  return done({ memoryBytes, keys, licenses, blocked, version: firmwareVersion });
});
